// Structured clone as text, between the main process and the page. One function, because its source also runs in
// the page: it may use nothing from outside itself.

export interface CloneCodec {
  /** Throws as Electron does for what cannot be cloned. */
  encode(value: unknown): string
  decode(text: string): unknown
}

export function cloneCodec(): CloneCodec {
  type Tagged = { $: string; v: unknown }
  const kindOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1)
  const refuse = (what: string): never => {
    throw new Error(`An object could not be cloned. (${what})`)
  }
  const bytesToText = (bytes: Uint8Array): string => {
    let text = ''
    for (let at = 0; at < bytes.length; at += 8192)
      text += String.fromCharCode(...bytes.subarray(at, at + 8192))
    return btoa(text)
  }
  const textToBytes = (text: string): Uint8Array =>
    Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))

  const tagObject = (value: object): unknown => {
    if (Array.isArray(value)) return value.map(tag)
    if (value instanceof Uint8Array) return { $: 'bytes', v: bytesToText(value) }
    switch (kindOf(value)) {
      case 'Date':
        return { $: 'date', v: (value as Date).getTime() }
      case 'Map':
        return { $: 'map', v: [...(value as Map<unknown, unknown>)].map(tag) }
      case 'Set':
        return { $: 'set', v: [...(value as Set<unknown>)].map(tag) }
      case 'Error':
        return { $: 'error', v: (value as Error).message }
      case 'Object':
        return {
          $: 'object',
          v: Object.entries(value).map(([key, field]) => [key, tag(field)]),
        }
      default:
        return refuse(kindOf(value))
    }
  }
  const tag = (value: unknown): unknown => {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : { $: 'number', v: Object.is(value, -0) ? '-0' : String(value) }
      case 'undefined':
        return { $: 'undefined', v: 0 }
      case 'bigint':
        return { $: 'bigint', v: String(value) }
      case 'object':
        return value === null ? null : tagObject(value)
      default:
        return refuse(typeof value)
    }
  }
  const untag = (value: unknown): unknown => {
    if (value === null || typeof value !== 'object') return value
    if (Array.isArray(value)) return value.map(untag)
    const { $: kind, v } = value as Tagged
    switch (kind) {
      case 'bytes':
        return textToBytes(v as string)
      case 'date':
        return new Date(v as number)
      case 'map':
        return new Map((v as unknown[]).map((pair) => untag(pair) as [unknown, unknown]))
      case 'set':
        return new Set((v as unknown[]).map(untag))
      case 'error':
        return new Error(v as string)
      case 'number':
        return Number(v)
      case 'bigint':
        return BigInt(v as string)
      case 'undefined':
        return undefined
      default:
        return Object.fromEntries(
          (v as [string, unknown][]).map(([key, field]) => [key, untag(field)]),
        )
    }
  }
  return {
    encode: (value) => JSON.stringify(tag(value)),
    decode: (text) => untag(JSON.parse(text)),
  }
}
