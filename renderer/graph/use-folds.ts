// Which groups of a graph are folded, kept while the page is open.
import { useState } from 'react'

type Folds = ReadonlySet<string>

/** Graphs that are remembered, the oldest forgotten first. */
const keptMax = 100
const kept = new Map<string, Folds>()

/** `name`: of the graph. `first`: where nobody has folded anything of it yet. */
export function useFolds(name: string, first: () => Folds): [Folds, (folds: Folds) => void] {
  const [folds, setFolds] = useState(() => kept.get(name) ?? first())
  const keep = (next: Folds): void => {
    kept.delete(name)
    kept.set(name, next)
    const [oldest] = kept.keys()
    if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest)
    setFolds(next)
  }
  return [folds, keep]
}
