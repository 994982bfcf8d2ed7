// The CSP lets in only <style> elements that carry the nonce of this page. Mantine asks for it; xterm does not, so every
// <style> made in this page gets it at birth.

/** Empty when the page came without one. */
export function readStyleNonce(): string {
  const content = document.querySelector('meta[name="style-nonce"]')?.getAttribute('content') ?? ''
  return content.startsWith('__') ? '' : content
}

export function giveEveryStyleTheNonce(nonce: string): void {
  if (nonce === '') return
  const create = document.createElement.bind(document)
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options)
    if (name.toLowerCase() === 'style') element.setAttribute('nonce', nonce)
    return element
  }) as typeof document.createElement
}
