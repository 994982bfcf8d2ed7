// "Did you mean": the nearest known word, where it is near enough to be meant.

/** Candidates looked at, so that a workspace of 10,000 names costs no more than one of a few hundred. */
const candidatesMax = 500
const wordLengthMax = 80

/** The nearest of `known` within about a third of its length, or null. */
export function nearest(word: string, known: Iterable<string>): string | null {
  if (word === '' || word.length > wordLengthMax) return null
  let best: string | null = null
  let bestDistance = Math.max(1, Math.ceil(word.length / 3)) + 1
  let looked = 0
  for (const candidate of known) {
    looked += 1
    if (looked > candidatesMax) break
    if (candidate.toLowerCase() === word.toLowerCase()) return candidate
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance)
    if (distance < bestDistance && distance < candidate.length) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** ` Did you mean "extract"?`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const found = nearest(word, known)
  return found === null ? '' : ` Did you mean "${found}"?`
}

/** `a, b and 3 more`, in the order given. */
export function someOf(names: Iterable<string>, shown = 8): string {
  const all = [...names]
  const rest = all.length - shown
  return rest > 0 ? `${all.slice(0, shown).join(', ')} and ${rest} more` : all.join(', ')
}

// Damerau-Levenshtein, adjacent swaps only: the commonest slip of a keyboard counts once.
// Gives up with `limit` once nothing below it is left.
function editDistance(a: string, b: string, limit: number): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(before, j - 2) + 1)
      }
      row.push(cost)
      least = Math.min(least, cost)
    }
    if (least >= limit) return limit
    before = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0
}
