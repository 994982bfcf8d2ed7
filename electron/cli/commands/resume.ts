// sluice resume [RUN]
import { command } from '../command.ts'
import { doResume } from '../do-resume.ts'
import {
  detachFlag,
  jsonFlag,
  paramFlag,
  paramsOf,
  runArgument,
  shownFlag,
  workspaceFlag,
  switchFlag,
  tasksFlag,
} from '../flags.ts'
import { forcedOf } from '../forced.ts'
import type { Param } from '../flags.ts'
import { AppError } from '../../../shared/api/app-error.ts'

interface Flags {
  plan: boolean
  shown?: string
  from?: readonly string[]
  only: boolean
  upstream: boolean
  force?: readonly string[]
  leave?: readonly string[]
  reason: string
  fixed: boolean
  pinned: boolean
  param?: readonly Param[]
  workspace?: string
  detach: boolean
  json: boolean
}

export const resumeCommand = command<Flags, [string?]>(
  {
    docs: {
      brief: 'Go on with a failed or cancelled run: shows its plan, then does it',
      fullDescription:
        'What succeeded is reused, what failed and all downstream of it runs again, what still runs on a host is attached to; of a fan-out only the items that have to. The plan says so for each, with the reason, before anything happens, and what is done is that plan: where it is another by then, it is shown again and you are asked. An item is written load[3], which a shell wants in quotes; the name of a group means all of its tasks.',
    },
    parameters: {
      flags: {
        plan: { ...switchFlag, brief: 'Only show the plan' },
        shown: shownFlag,
        from: {
          ...tasksFlag,
          brief:
            'Run this task, item or group, and all downstream of it, again; may be given again',
        },
        only: { ...switchFlag, brief: 'Only what --from names, and what that held up' },
        upstream: { ...switchFlag, brief: 'All upstream of what --from names, too' },
        force: {
          ...tasksFlag,
          brief: 'Run this one again, whatever the plan says; needs --reason',
        },
        leave: {
          ...tasksFlag,
          brief: 'Leave this one as it is, whatever the plan says; needs --reason',
        },
        reason: {
          kind: 'parsed',
          parse: String,
          default: '',
          placeholder: 'TEXT',
          brief: 'Why --force and --leave; kept in the history and in the audit',
        },
        fixed: { ...switchFlag, brief: 'With the files of the workspace as they are now' },
        pinned: { ...switchFlag, brief: 'With the version that the run has (the default)' },
        param: { ...paramFlag, brief: 'Another value of a param; needs --fixed' },
        workspace: workspaceFlag,
        detach: detachFlag,
        json: jsonFlag,
      },
      aliases: { w: 'workspace', d: 'detach', p: 'param' },
      positional: { kind: 'tuple', parameters: [runArgument] },
    },
  },
  async (context, flags, run = 'latest') => {
    const wrong = whatIsWrong(flags)
    if (wrong !== null) throw new AppError('bad-input', wrong)
    const { from = [], only, upstream, fixed, param } = flags
    return await doResume(context, flags, {
      run,
      version: fixed ? 'fixed' : 'pinned',
      from: [...from],
      only,
      upstream,
      forced: forcedOf(flags),
      params: paramsOf(param),
    })
  },
)

function whatIsWrong(flags: Flags): string | null {
  const { from = [], force = [], leave = [] } = flags
  if (flags.fixed && flags.pinned) return 'A resume takes --fixed or --pinned, not both.'
  if (flags.plan && flags.shown !== undefined)
    return 'A resume takes --plan, which shows one, or --shown, which does it; not both.'
  if (from.length === 0 && (flags.only || flags.upstream))
    return `${flags.only ? '--only' : '--upstream'} says more about --from TASK, which is missing.`
  const both = force.find((name) => leave.includes(name))
  if (both !== undefined) return `${both} cannot be both forced and left as it is.`
  if (force.length + leave.length > 0 && flags.reason === '')
    return 'Who changes the plan says why: --reason TEXT.'
  if (flags.param !== undefined && flags.param.length > 0 && !flags.fixed)
    return 'Other params need a plan made from the files: add --fixed.'
  return null
}
