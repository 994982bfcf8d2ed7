// The demo's files: a workspace of the user's own to edit, beside the home folders of the embedded hosts.
import { chmod, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const source = join(import.meta.dirname, 'workspace')

/** `dir`: the demo folder of a home. Copies the workspace there unless there is one; gives its folder. */
export async function demoWorkspace(dir: string): Promise<string> {
  const folder = join(dir, 'workspace')
  if (!existsSync(join(folder, 'sluice.yaml'))) await copyTree(source, folder)
  return folder
}

/** By reading and writing: in the packaged app the source is inside an archive. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o755 })
  for (const name of await readdir(from)) {
    const path = join(from, name)
    const found = await stat(path)
    if (found.isDirectory()) await copyTree(path, join(to, name))
    else {
      await writeFile(join(to, name), await readFile(path))
      if ((found.mode & 0o111) !== 0) await chmod(join(to, name), 0o755)
    }
  }
}
