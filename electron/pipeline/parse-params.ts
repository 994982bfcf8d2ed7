// Params, and fields of a form, of a checked file.
import { coerceParam } from '../../shared/pipeline/param-value.ts'
import type { ParamSpec } from '../../shared/pipeline/spec.ts'
import { scalarText } from './scalar-text.ts'
import type { ParamFields } from './schema-task.ts'
import type { Path, YamlTree } from './yaml-tree.ts'
import { valueAt } from './yaml-tree.ts'

/** `at`: where they stand. */
export function paramsOf(
  fields: Readonly<Record<string, ParamFields>> | undefined,
  at: Path,
  tree: YamlTree,
): ParamSpec[] {
  return Object.entries(fields ?? {}).map(([name, value]) =>
    paramOf(name, value, [...at, name], tree),
  )
}

function paramOf(name: string, fields: ParamFields, path: Path, tree: YamlTree): ParamSpec {
  const choices = (fields.choices ?? []).map((_, at) => scalarText(tree, [...path, 'choices', at]))
  const type = fields.type ?? 'string'
  const given = valueAt(tree, [...path, 'default'])
  const coerced =
    given === undefined
      ? null
      : coerceParam({ type, choices }, scalarText(tree, [...path, 'default']))
  return {
    name,
    type,
    default: coerced?.ok === true ? coerced.value : null,
    description: fields.description ?? '',
    choices,
  }
}
