// The commit that a workspace stands on, read from the files of git: it starts no process.
import { readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'

const commitForm = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const foldersMax = 40
const textBytesMax = 64 * 1024 * 1024

/** null where the folder is in no repository, or the repository has no commit yet. */
export async function headCommit(dir: string): Promise<string | null> {
  const git = await gitFolder(dir)
  if (git === null) return null
  const head = await textOf(join(git, 'HEAD'))
  const ref = /^ref: (\S+)$/.exec(head)?.[1]
  if (ref === undefined) return commitForm.test(head) ? head : null
  // A worktree keeps its HEAD to itself and shares the branches.
  const common = await textOf(join(git, 'commondir'))
  const shared = common === '' ? git : isAbsolute(common) ? common : join(git, common)
  const loose = await textOf(join(shared, ref))
  if (commitForm.test(loose)) return loose
  const packed = await textOf(join(shared, 'packed-refs'))
  const line = packed.split('\n').find((each) => each.endsWith(` ${ref}`))
  const commit = line?.split(' ', 1)[0] ?? ''
  return commitForm.test(commit) ? commit : null
}

async function gitFolder(dir: string): Promise<string | null> {
  let at = dir
  for (let folders = 0; folders < foldersMax; folders += 1) {
    const git = join(at, '.git')
    const found = await stat(git).catch(() => null)
    if (found?.isDirectory() === true) return git
    if (found?.isFile() === true) {
      const link = /^gitdir: (.+)$/m.exec(await textOf(git))?.[1]?.trim()
      if (link === undefined) return null
      return isAbsolute(link) ? link : join(at, link)
    }
    if (dirname(at) === at) return null
    at = dirname(at)
  }
  return null
}

/** Empty where it cannot be read: who reads a pipe waits for a writer, and one of `.git` may be anything. */
async function textOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => null)
  if (found?.isFile() !== true || found.size > textBytesMax) return ''
  return (await readFile(file, 'utf8').catch(() => '')).trim()
}
