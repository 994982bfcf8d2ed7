// What a task takes from others: files.
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import type { Check } from './check-context.ts'
import { keysOf, mapOf, textOf } from './lenient.ts'
import { resolveName } from './outline.ts'
import type { Outline, OutlineTask } from './outline.ts'
import type { Path } from './yaml-tree.ts'

export interface InputSource {
  task: OutlineTask
  output: string
}

/** `a.b.c`: task and output names may both hold dots; the longest task that exists wins. */
export function resolveInput(
  outline: Outline,
  from: OutlineTask,
  text: string,
): InputSource | { task: null; written: { task: string; output: string } | null } {
  let found: InputSource | null = null
  const written = splitInput(text, (name) => {
    const means = resolveName(outline, from, name)
    if (means?.kind !== 'task') return false
    found = { task: means, output: text.slice(name.length + 1) }
    return true
  })
  return found ?? { task: null, written }
}

export function checkInputs(check: Check, task: OutlineTask): void {
  const { report, outline } = check
  const { name } = task
  for (const [file, value] of Object.entries(mapOf(task.value['inputs']))) {
    const path = [...task.path, 'inputs', file]
    const text = textOf(value)
    if (text === null || report.isFull()) continue
    const source = resolveInput(outline, task, text)
    if (source.task === null) {
      if (source.written === null) {
        const hint = 'Write TASK.OUTPUT, for example extract.orders'
        report.at(path, { message: `"${text}" names no task and output.`, hint })
      } else {
        const all = allOutputs(outline)
        const message = `There is no task "${source.written.task}".${didYouMean(text, all)}`
        report.at(path, { message, hint: `Outputs of this pipeline: ${someOf(all)}.` })
      }
      continue
    }
    const outputs = keysOf(source.task.value['outputs'])
    if (!outputs.includes(source.output)) {
      const message = `The task "${source.task.name}" has no output "${source.output}".${didYouMean(source.output, outputs)}`
      const hint = outputs.length === 0 ? 'It declares no outputs.' : `It has: ${someOf(outputs)}.`
      report.at(path, { message, hint })
    } else if (source.task === task) {
      const message = `The task "${name}" cannot read its own output.`
      report.at(path, { message, hint: 'An input comes from a task upstream.' })
    } else if (!check.upstreamOf(name).has(source.task.name)) {
      const message = `"${source.task.name}" is not upstream of "${name}": its output may not be there yet.`
      report.at(path, { message, hint: `Add "${source.task.name}" to the needs of "${name}".` })
    } else if ('fan_out' in source.task.value) {
      checkFolder(check, task, { file, path, from: source.task.name })
    }
  }
}

// Files of all items come as a folder, which nothing else may lie in.
function checkFolder(
  { report }: Check,
  task: OutlineTask,
  { file, path, from }: { file: string; path: Path; from: string },
): void {
  const inside = keysOf(task.value['inputs']).find((other) => other.startsWith(`${file}/`))
  if (inside !== undefined) {
    const message = `"${file}" is the folder of the files of all items of "${from}"; "${inside}" cannot lie in it.`
    report.at(path, { message, hint: 'Give one of them another folder.' })
  } else if ('fan_out' in task.value) {
    const message = `Each item of "${task.name}" would get the files of all items of "${from}".`
    const hint =
      'To go on item by item, put both into a pipeline of their own and fan that out: pipeline: NAME, fan_out: LIST. Or let one task in between take them all.'
    report.at(path, { message, hint })
  }
}

function allOutputs({ tasks }: Outline): string[] {
  return tasks.flatMap(({ name, value }) =>
    keysOf(value['outputs']).map((output) => `${name}.${output}`),
  )
}

function splitInput(
  text: string,
  isTask: (name: string) => boolean,
): { task: string; output: string } | null {
  let first: { task: string; output: string } | null = null
  for (let at = text.lastIndexOf('.'); at > 0; at = text.lastIndexOf('.', at - 1)) {
    const split = { task: text.slice(0, at), output: text.slice(at + 1) }
    if (split.output === '') continue
    if (isTask(split.task)) return split
    first ??= split
  }
  return first
}
