// Where a key leads in a list of rows. Pure: the list brings how many rows fit on the screen.

/** The row a key leads to from row `at`; null: no key of rows. */
export function rowAfterKey(
  key: string,
  at: number,
  { count, page }: { count: number; page: number },
): number | null {
  const to = target(key, at, { count, page })
  return to === null || count === 0 ? null : Math.min(Math.max(to, 0), count - 1)
}

function target(
  key: string,
  at: number,
  { count, page }: { count: number; page: number },
): number | null {
  switch (key) {
    case 'j':
    case 'ArrowDown':
      return at + 1
    case 'k':
    case 'ArrowUp':
      return at - 1
    case 'PageDown':
      return at + Math.max(1, page - 1)
    case 'PageUp':
      return at - Math.max(1, page - 1)
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return null
  }
}

/** The keys that bring one into a list from a page where nothing has the focus. */
export const entryKeys: ReadonlySet<string> = new Set(['j', 'k', 'ArrowDown', 'ArrowUp'])
