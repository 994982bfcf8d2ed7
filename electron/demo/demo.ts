// The demo in a home: a workspace of the user's own to edit, and the embedded hosts that it runs on.
import { chmod, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import type { HomePaths } from '../system/home.ts'
import type { DemoHosts } from './demo-hosts.ts'
import type { OpenTerminal } from './embedded-host.ts'

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

/** Starts the hosts. Their keys are verified like any other: they are in our known_hosts before the first connection. */
export async function openDemo(paths: HomePaths, openTerminal: OpenTerminal): Promise<DemoHosts> {
  const { startDemoHosts } = await import('./demo-hosts.ts')
  await mkdir(paths.demo, { recursive: true, mode: 0o700 })
  const demo = await startDemoHosts(paths.demo, undefined, openTerminal)
  const present = existsSync(paths.knownHosts) ? await readFile(paths.knownHosts, 'utf8') : ''
  const places = new Set(demo.knownHostsLines.map(placeOf))
  const others = present.split('\n').filter((line) => line !== '' && !places.has(placeOf(line)))
  const text = `${[...others, ...demo.knownHostsLines].join('\n')}\n`
  await writeFile(paths.knownHosts, text, { mode: 0o600 })
  return demo
}

/** `[127.0.0.1]:2201` of a line of known_hosts. */
function placeOf(line: string): string {
  return line.split(' ')[0] ?? ''
}
