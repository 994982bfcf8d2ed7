export async function runDemo(_context: unknown): Promise<number> {
  return 0
}
