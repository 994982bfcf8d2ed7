// Small choices of a person that this browser remembers: sizes of parts, the folded side bar.
// Storage may be full or refused; a choice is then forgotten, and nothing else happens.
const prefix = 'sluice.'

export function readKept(name: string): string | null {
  try {
    return localStorage.getItem(prefix + name)
  } catch {
    return null
  }
}

export function writeKept(name: string, value: string): void {
  try {
    localStorage.setItem(prefix + name, value)
  } catch {
    // Forgotten with the page.
  }
}
