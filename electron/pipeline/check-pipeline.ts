// What the fields of a pipeline mean together: needs, hosts, files between tasks, params, triggers, expressions.
// Reads the values as they stand, right or wrong, so that one broken field hides nothing else.
import { openCheck } from './check-context.ts'
import { checkTexts } from './check-expressions.ts'
import { checkNames, checkNeeds } from './check-needs.ts'
import { checkParams } from './check-params.ts'
import { checkGroup, checkTask } from './check-task.ts'
import { checkTrigger } from './check-triggers.ts'
import { listOf, mapOf } from './lenient.ts'
import type { Outline } from './outline.ts'
import type { WorkspaceNames } from './parse-workspace.ts'
import type { Report } from './report.ts'
import type { YamlTree } from './yaml-tree.ts'
import { valueAt } from './yaml-tree.ts'

/** As the schema says; more are reported and not looked at. */
const triggersMax = 100

/** `workspace`: null where the pipeline stands alone and hosts and vars cannot be known. */
export function checkPipeline(
  tree: YamlTree,
  report: Report,
  workspace: WorkspaceNames | null,
): Outline {
  const check = openCheck(tree, report, workspace)
  checkParams(check, ['params'])
  const triggers = listOf(valueAt(tree, ['triggers'])).slice(0, triggersMax)
  triggers.forEach((trigger, at) => checkTrigger(check, trigger, at))
  checkTexts(check, ['env'], mapOf(tree.value)['env'], null)
  checkNames(check)
  checkNeeds(check)
  for (const group of check.outline.groups) {
    if (report.isFull()) break
    checkGroup(check, group)
  }
  for (const task of check.outline.tasks) {
    if (report.isFull()) break
    checkTask(check, task)
  }
  return check.outline
}
