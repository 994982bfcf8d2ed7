// Which workspace the app opens: what it was started with, else the last one, else the demo.
import { join, resolve } from 'node:path'
import { LINK_SCHEME } from './sluice-link.ts'

export interface Place {
  workspace: string
  /** The embedded hosts of the demo are part of it. */
  demo: boolean
}

export interface PlaceQuestion {
  argv: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  /** The folder that was open last. */
  last: string | null
  isFolder: (path: string) => boolean
}

const workspaceSwitch = '--workspace='

/** Null: the demo. A folder that was asked for is taken as it is; only the last one may have gone. */
export function askedWorkspace({ argv, env, last, isFolder }: PlaceQuestion): string | null {
  // What stands after a link is of whoever made the link: on some systems its text is cut at spaces.
  const link = argv.findIndex((one) => one.startsWith(`${LINK_SCHEME}:`))
  const own = link === -1 ? argv : argv.slice(0, link)
  const argument = own.find((one) => one.startsWith(workspaceSwitch))
  const asked = argument?.slice(workspaceSwitch.length) ?? env['SLUICE_WORKSPACE'] ?? ''
  if (asked !== '') return resolve(asked)
  return last !== null && isFolder(last) ? last : null
}

/** `demoDir`: of the home. Its workspace means the embedded hosts, whoever names it. */
export function isDemoWorkspace(workspace: string, demoDir: string): boolean {
  return workspace === join(demoDir, 'workspace')
}

export function workspaceArgument(workspace: string): string {
  return workspaceSwitch + workspace
}
