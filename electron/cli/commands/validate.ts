// sluice validate
import { command, printJson } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { jsonFlag, workspaceFlag } from '../flags.ts'
import { paintFor } from '../paint.ts'
import { needWorkspace } from '../workspace-folder.ts'
import { plural } from '../words.ts'
import { hasErrors } from '../../../shared/pipeline/problem.ts'
import { renderProblem } from '../../../shared/pipeline/render-problem.ts'

interface Flags {
  workspace?: string
  json: boolean
}

export const validateCommand = command<Flags>(
  {
    docs: {
      brief: 'Check the files of the workspace: all problems at once',
      fullDescription: 'Exit code 2 when there is an error; warnings do not count.',
    },
    parameters: {
      flags: { workspace: workspaceFlag, json: jsonFlag },
      aliases: { w: 'workspace' },
    },
  },
  async (context, flags) => {
    const { loadWorkspace, allProblems, workspaceFile } = await import('../../pipeline/load.ts')
    const workspace = await loadWorkspace(needWorkspace(context))
    const problems = allProblems(workspace)
    const exit = hasErrors(problems) ? EXIT.badInput : EXIT.ok
    if (flags.json) {
      printJson(context, { problems })
      return exit
    }
    const textByFile = new Map(workspace.pipelines.map(({ file, text }) => [file, text]))
    if (workspace.text !== null) textByFile.set(workspaceFile, workspace.text)
    for (const problem of problems) {
      context.out.write(`${renderProblem(problem, textByFile.get(problem.file) ?? null)}\n\n`)
    }
    const paint = paintFor(context.out)
    const errors = problems.filter(({ severity }) => severity === 'error').length
    const found = [
      plural(workspace.pipelines.length, 'pipeline'),
      plural(errors, 'error'),
      plural(problems.length - errors, 'warning'),
    ].join(', ')
    const mark = exit === EXIT.ok ? paint('green', '✓') : paint('red', '✗')
    context.out.write(`${mark} ${found} in ${workspace.dir}\n`)
    return exit
  },
)
