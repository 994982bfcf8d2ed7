// Flags that several commands share, so that each is spelt and explained once.
import {
  proposeHosts,
  proposePipelines,
  proposeRuns,
  proposeTasks,
  proposeTasksAndGroups,
} from './propose.ts'
import { AppError } from '../../shared/api/app-error.ts'
import { durationForm, durationMax, parseDuration } from '../../shared/pipeline/duration.ts'

/** Off unless given. */
export const switchFlag = { kind: 'boolean', default: false, withNegated: false } as const

/** Tasks, items or groups of a run; may be given again. */
export const tasksFlag = {
  kind: 'parsed',
  parse: String,
  optional: true,
  variadic: true,
  placeholder: 'TASK',
  proposeCompletions: proposeTasksAndGroups,
} as const

export const jsonFlag = {
  kind: 'boolean',
  default: false,
  withNegated: false,
  brief: 'Print one JSON document and nothing else',
} as const

export const workspaceFlag = {
  kind: 'parsed',
  parse: String,
  optional: true,
  placeholder: 'DIR',
  brief: 'Folder with sluice.yaml; else the nearest above the current one',
} as const

export const envFlag = {
  kind: 'parsed',
  parse: String,
  optional: true,
  placeholder: 'NAME',
  brief: 'Environment; else the first of sluice.yaml',
} as const

export const dateFlag = {
  kind: 'parsed',
  parse: String,
  optional: true,
  placeholder: 'DATE',
  brief: 'Logical date of the run: YYYY-MM-DD, or with a time in UTC',
} as const

export const paramFlag = {
  kind: 'parsed',
  parse: parsePair('a param'),
  optional: true,
  variadic: true,
  placeholder: 'k=v',
  brief: 'Value of a param; may be given again',
} as const

export const pipelineFlag = {
  kind: 'parsed',
  parse: String,
  optional: true,
  placeholder: 'NAME',
  brief: 'Only of this pipeline',
  proposeCompletions: proposePipelines,
} as const

const since = { kind: 'parsed', parse: parseSince, placeholder: 'TIME' } as const

/** In ms before now. */
export const sinceFlag = {
  ...since,
  default: '7d',
  brief: 'Failed in the last so long: 7d, 12h, 30m',
} as const

export const sinceIfAny = {
  ...since,
  optional: true,
  brief: 'Failed in the last so long: 12h, 30m; else 7d',
} as const

export const reasonFlag = {
  kind: 'parsed',
  parse: String,
  default: '',
  placeholder: 'TEXT',
  brief: 'Why; kept in the history and in the audit',
} as const

/** Of a command that overrides what the files or the facts say. */
export const reasonNeeded = {
  kind: 'parsed',
  parse: String,
  placeholder: 'TEXT',
  brief: 'Why; kept in the history and in the audit',
} as const

/** Of a command that means the files of a workspace. */
export const workspaceFlags = {
  flags: { workspace: workspaceFlag, json: jsonFlag },
  aliases: { w: 'workspace' },
} as const

export interface WorkspaceFlags {
  workspace?: string
  json: boolean
}

export const shownFlag = {
  kind: 'parsed',
  parse: String,
  optional: true,
  placeholder: 'PLAN',
  brief: 'Only if the plan is still the one that --plan has shown under this id',
} as const

export const detachFlag = {
  kind: 'boolean',
  default: false,
  withNegated: false,
  brief: 'Return once it is recorded; needs "sluice serve" or the app',
} as const

export type Param = readonly [name: string, value: string]

export function parsePair(what: string): (this: unknown, text: string) => Param {
  return (text) => {
    const at = text.indexOf('=')
    if (at < 1) throw new AppError('bad-input', `Write ${what} as name=value; found "${text}".`)
    return [text.slice(0, at), text.slice(at + 1)]
  }
}

export function paramsOf(params: readonly Param[] | undefined): Record<string, string> {
  return Object.fromEntries(params ?? [])
}

/** A whole number from `min` on. */
export function wholeNumber(min: number): (this: unknown, text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value
    throw new AppError('bad-input', `Expected a whole number from ${min} on, found "${text}".`)
  }
}

function parseSince(this: unknown, text: string): number {
  const ms = parseDuration(text)
  if (ms !== null && ms > 0) return ms
  const most = ms === null && durationForm.test(text) ? ` of ${durationMax} at most` : ''
  throw new AppError('bad-input', `Expected a time like 7d, 12h or 30m${most}, found "${text}".`)
}

/** An empty text is most often a variable of a script that was never set. */
function parseRun(text: string): string {
  if (text !== '') return text
  throw new AppError('bad-input', 'RUN is empty.')
}

export const runArgument = {
  brief: 'Run id, a unique part of one, or "latest" (the default)',
  parse: parseRun,
  placeholder: 'RUN',
  optional: true,
  proposeCompletions: proposeRuns,
} as const

/** Where a wrong guess would hurt: no default. */
export const runGiven = {
  brief: 'Run id, a unique part of one, or "latest"',
  parse: parseRun,
  placeholder: 'RUN',
  proposeCompletions: proposeRuns,
} as const

export const taskGiven = {
  brief: 'Name of a task; an item of a fan-out as task[3]',
  parse: String,
  placeholder: 'TASK',
  proposeCompletions: proposeTasks,
} as const

export const taskOrGroup = {
  ...taskGiven,
  brief: 'Name of a task or of a group; an item of a fan-out as task[3]',
  proposeCompletions: proposeTasksAndGroups,
} as const

export const hostGiven = {
  brief: 'Name of a host',
  parse: String,
  placeholder: 'NAME',
  proposeCompletions: proposeHosts,
} as const

export const hostIfOne = { ...hostGiven, brief: 'Only this host', optional: true } as const
