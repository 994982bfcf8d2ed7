// One hash over the names and bytes of files and folders: equal sources, equal hash.
import { createHash } from 'node:crypto'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** `paths` are relative to `root`; those that are absent count as absent. 64 hex digits. */
export async function hashOfSources(root: string, paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(process.versions.node)
  for (const path of paths)
    for (const file of await filesUnder(root, path)) {
      hash.update(`\0${file}\0`)
      hash.update(await readFile(join(root, file)))
    }
  return hash.digest('hex')
}

/** Sorted, relative to `root`; a path that is a file is itself. */
export async function filesUnder(root: string, path: string): Promise<string[]> {
  const found = await stat(join(root, path)).catch(() => null)
  if (found === null) return []
  if (found.isFile()) return [path]
  const entries = await readdir(join(root, path), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
}
