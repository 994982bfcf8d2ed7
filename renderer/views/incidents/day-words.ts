/** `24 hours`, `7 days`: how far back a list looks. */
export function dayWords(days: number): string {
  return days === 1 ? '24 hours' : `${days} days`
}
