// Fields that are text take a plain number or word as it is written: `3.10` stays `3.10`, `0644` stays `0644`.
import type { Path, YamlTree } from './yaml-tree.ts'
import { placeAt, valueAt } from './yaml-tree.ts'

export type Scalar = string | number | boolean

export function scalarText(tree: YamlTree, path: Path): string {
  const value = valueAt(tree, path)
  if (typeof value === 'string') return value
  return placeAt(tree, path).written ?? String(value)
}

export function scalarTexts(
  tree: YamlTree,
  path: Path,
  fields: Readonly<Record<string, Scalar>> | undefined,
): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const name of Object.keys(fields ?? {})) texts[name] = scalarText(tree, [...path, name])
  return texts
}
