// Files of a workspace: read safely, never outside of it, each within a limit.
import { lstat, open, readdir, realpath } from 'node:fs/promises'
import { join, matchesGlob, sep } from 'node:path'

export const travelBytesMax = 16 * 1024 * 1024
const listedMax = 20_000
const depthMax = 20
const leftOut = new Set(['.git', 'node_modules', '.venv', '__pycache__', '.sluice'])

export type FoundFile =
  | { kind: 'file'; bytes: Uint8Array; mode: number }
  | { kind: 'absent' }
  | { kind: 'refused'; why: string }

/** `path`: relative to the workspace, with `/`. At most `bytesMax` bytes are read. */
export async function readWorkspaceFile(
  dir: string,
  path: string,
  bytesMax: number,
): Promise<FoundFile> {
  if (path === '' || path.startsWith('/') || path.includes('\0')) return { kind: 'absent' }
  if (path.split('/').includes('..')) return { kind: 'absent' }
  try {
    const root = await realpath(dir)
    const real = await realpath(join(root, path))
    if (!real.startsWith(root + sep)) return { kind: 'refused', why: 'leads out of the workspace' }
    // lstat first: opening a pipe would wait for a writer.
    if (!(await lstat(real)).isFile()) return { kind: 'absent' }
    await using file = await open(real, 'r')
    const { size, mode } = await file.stat()
    if (size > bytesMax) {
      return { kind: 'refused', why: `has ${size} bytes; the limit is ${bytesMax}` }
    }
    const bytes = await file.readFile()
    // Only whether it may be executed: the rest differs from checkout to checkout.
    return { kind: 'file', bytes, mode: (mode & 0o111) === 0 ? 0o644 : 0o755 }
  } catch (error) {
    return whyNot(error)
  }
}

function whyNot(error: unknown): FoundFile {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL'].includes(code)) return { kind: 'absent' }
  return { kind: 'refused', why: `cannot be read (${code || String(error)})` }
}

/** Paths of regular files that match a glob, sorted; links are not followed. */
export function matchFiles(files: readonly string[], glob: string): string[] {
  return files.filter((file) => file === glob || matchesGlob(file, glob))
}

export function isGlob(path: string): boolean {
  return /[*?[\]{}]/.test(path)
}

/** All regular files below, relative, sorted; bounded. Folders that no pipeline means are left out. */
export async function listFiles(dir: string): Promise<{ files: string[]; cut: boolean }> {
  const files: string[] = []
  const todo = ['']
  let cut = false
  for (let folder = todo.shift(); folder !== undefined && !cut; folder = todo.shift()) {
    const entries = await readdir(join(dir, folder), { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isFile()) files.push(path)
      const isDeep = path.split('/').length >= depthMax
      if (entry.isDirectory() && !leftOut.has(entry.name) && !isDeep) todo.push(path)
      cut ||= files.length >= listedMax
    }
  }
  return { files: files.sort(), cut }
}
