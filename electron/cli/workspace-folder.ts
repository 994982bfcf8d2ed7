// Which workspace a command means.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { CliContext } from './context.ts'
import { AppError } from '../../shared/api/app-error.ts'

/** `--workspace`, else SLUICE_WORKSPACE, else the nearest folder above with a sluice.yaml, else null. */
export function findWorkspace(context: CliContext): string | null {
  const given = context.workspaceAsked ?? context.env['SLUICE_WORKSPACE']
  if (given !== undefined && given !== '') {
    const folder = resolve(context.cwd, given)
    if (!existsSync(folder)) throw new AppError('bad-input', `There is no folder ${folder}.`)
    return folder
  }
  for (let folder = context.cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'sluice.yaml'))) return folder
    if (folder === dirname(folder)) return null
  }
}

export function needWorkspace(context: CliContext): string {
  const folder = findWorkspace(context)
  if (folder !== null) return folder
  throw new AppError('bad-input', `There is no sluice.yaml in ${context.cwd} or above it.`, {
    hint: 'Go to your workspace, name it by --workspace DIR, or write one: sluice init',
  })
}
