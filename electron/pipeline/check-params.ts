// Params of a pipeline, and fields of a form: they are one thing.
import { coerceParam } from '../../shared/pipeline/param-value.ts'
import { typeOfParam } from './check-context.ts'
import type { Check } from './check-context.ts'
import { listOf, mapOf } from './lenient.ts'
import { scalarText } from './scalar-text.ts'
import type { Path } from './yaml-tree.ts'
import { valueAt } from './yaml-tree.ts'

export function checkParams({ tree, report }: Check, at: Path): void {
  for (const [name, value] of Object.entries(mapOf(valueAt(tree, at)))) {
    if (report.isFull()) return
    const param = mapOf(value)
    const path = [...at, name]
    const type = typeOfParam(param)
    const choices = listOf(param['choices']).map((_, at) =>
      scalarText(tree, [...path, 'choices', at]),
    )
    if (type === 'choice' && choices.length === 0) {
      const hint = 'Write choices: [eu, us].'
      report.atKey(path, { message: `The param "${name}" is a choice without choices.`, hint })
      continue
    }
    if (type !== 'choice' && 'choices' in param) {
      const hint = 'Write type: choice.'
      report.atKey([...path, 'choices'], { message: `A ${type} takes no choices.`, hint })
    }
    const given = param['default']
    if (given === undefined || given === null || typeof given === 'object') continue
    const text = scalarText(tree, [...path, 'default'])
    const coerced = coerceParam({ type, choices }, text)
    if (!coerced.ok) report.at([...path, 'default'], coerced)
    else if (text.includes('${{')) {
      const message = 'A default is a plain value; it takes no expression.'
      report.at([...path, 'default'], {
        message,
        hint: 'Put the expression in the env of the task.',
      })
    }
  }
}
