// The secrets of a task: that an environment has them, and that its command can get them.
import { isKeptByShell } from '../../shared/pipeline/env-names.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import type { Check } from './check-context.ts'
import { mapOf } from './lenient.ts'
import type { OutlineTask } from './outline.ts'
import { envEntries } from './parse-task.ts'
import type { Path } from './yaml-tree.ts'

export function checkSecrets({ report, workspace, tree }: Check, task: OutlineTask): void {
  const given = task.value['secrets']
  const isList = Array.isArray(given)
  const asked: [variable: string, secret: unknown, at: Path][] = isList
    ? given.map((name: unknown, at) => [String(name), name, [...task.path, 'secrets', at]])
    : Object.entries(mapOf(given)).map(([variable, secret]) => [
        variable,
        secret,
        [...task.path, 'secrets', variable],
      ])
  if (asked.length === 0) return
  const known = workspace && [...new Set(workspace.environments.flatMap((each) => each.secrets))]
  // A variable of a group or of the pipeline gives way to it, as to every variable of the task.
  const entries = envEntries(task, tree).filter(({ owner }) => owner === task)
  const variables = new Set(entries.map(({ name }) => name))
  for (const [variable, secret, at] of asked) {
    if (typeof secret !== 'string') continue
    if (variables.has(variable)) {
      const message = `"${variable}" is a variable of env and a secret.`
      report.at(at, { message, hint: 'Delete one of them.' })
    }
    reportName(report, at, variable)
    if (known === null || known.includes(secret)) continue
    report.at(at, {
      message: `There is no secret "${secret}" in any environment.${didYouMean(secret, known)}`,
      hint:
        known.length === 0
          ? `Add it to an environment of sluice.yaml: secrets: { ${secret}: env:${secret} }`
          : `Secrets of sluice.yaml: ${someOf(known)}.`,
    })
  }
}

function reportName(report: Check['report'], at: Path, variable: string): void {
  const hint = 'Give it another name: secrets: { NAME: secret }'
  if (variable.startsWith('SLUICE_'))
    report.at(at, { message: `"${variable}" is a name that Sluice keeps for itself.`, hint })
  else if (isKeptByShell(variable))
    report.at(at, { message: `"${variable}" cannot be set as an environment variable.`, hint })
}
