// "Did you mean": the nearest known word, where it is near enough to be meant.

/** Candidates looked at, so that a workspace of 10,000 names costs no more than one of a few hundred. */
const candidatesMax = 500
const wordLengthMax = 80

/** The nearest of `known` within about a third of its length, or null. */
export function nearest(word: string, known: Iterable<string>): string | null {
  if (word === '' || word.length > wordLengthMax) return null
  const meant = word.toLowerCase()
  let best: string | null = null
  let bestDistance = Math.max(1, Math.ceil(word.length / 3)) + 1
  let looked = 0
  for (const candidate of known) {
    looked += 1
    if (looked > candidatesMax) break
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue
    const lower = candidate.toLowerCase()
    if (lower === meant) return candidate
    const distance = editDistance(meant, lower, bestDistance)
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

const rowLength = wordLengthMax * 2
let before = new Uint16Array(rowLength)
let last = new Uint16Array(rowLength)
let row = new Uint16Array(rowLength)

// Damerau-Levenshtein, adjacent swaps only: the commonest slip of a keyboard counts once.
// Gives up with `limit` once nothing below it is left. One set of rows for all calls: a file with a hundred slips looks
// at 50,000 candidates.
function editDistance(a: string, b: string, limit: number): number {
  if (b.length + 1 >= rowLength) return limit
  for (let j = 0; j <= b.length; j += 1) last[j] = j
  for (let i = 1; i <= a.length; i += 1) {
    row[0] = i
    let least = i
    for (let j = 1; j <= b.length; j += 1) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + same)
      const isSwap =
        i > 1 &&
        j > 1 &&
        a.charCodeAt(i - 1) === b.charCodeAt(j - 2) &&
        a.charCodeAt(i - 2) === b.charCodeAt(j - 1)
      if (isSwap) cost = Math.min(cost, at(before, j - 2) + 1)
      row[j] = cost
      if (cost < least) least = cost
    }
    if (least >= limit) return limit
    const free = before
    before = last
    last = row
    row = free
  }
  return at(last, b.length)
}

function at(costs: Uint16Array, index: number): number {
  return costs[index] ?? 0
}
