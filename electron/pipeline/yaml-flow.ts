// A small value as one line of YAML, for hints and the reference: near enough to copy.

export function yamlFlow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlFlow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, each]) => `${name}: ${yamlFlow(each)}`)
    return `{ ${entries.join(', ')} }`
  }
  const text = String(value)
  return typeof value === 'string' && !/^[A-Za-z_~./][\w./~-]*$|^\d+(ms|[smhd])$/.test(text)
    ? JSON.stringify(text)
    : text
}
