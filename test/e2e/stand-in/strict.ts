// What the stand-in lacks fails by its name: a spec must not pass because a call did nothing.
import { EventEmitter } from 'node:events'

export function missing(name: string): never {
  throw new Error(`electron stand-in: ${name} is not there`)
}

/** `target`, with every property that it does not have throwing on read. */
export function strict<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(of, key) {
      // Promises, JSON and the inspector look for names that no API has.
      const asked = typeof key === 'symbol' || key.startsWith('_') || allowed.has(key)
      if (!asked && !(key in of)) return missing(`${name}.${key}`)
      const value = Reflect.get(of, key, of) as unknown
      // Bound: a private field is not there on a proxy.
      return typeof value === 'function' ? (value.bind(of) as unknown) : value
    },
  })
}

const allowed = new Set(['then', 'toJSON', 'domain'])

type Listener = (...values: never[]) => void

/** Refuses listeners of events that the stand-in never sends. */
export class StrictEmitter extends EventEmitter {
  readonly emitterName: string
  readonly eventNamesKnown: ReadonlySet<string>

  constructor(name: string, events: readonly string[]) {
    super()
    this.setMaxListeners(0)
    this.emitterName = name
    this.eventNamesKnown = new Set(events)
  }

  override on(event: string, listener: Listener): this {
    this.assertKnown(event)
    return super.on(event, listener as (...values: unknown[]) => void)
  }

  override once(event: string, listener: Listener): this {
    this.assertKnown(event)
    return super.once(event, listener as (...values: unknown[]) => void)
  }

  override addListener(event: string, listener: Listener): this {
    return this.on(event, listener)
  }

  /** Emits with an event that can be prevented, and tells whether it was. */
  prevented(event: string, fields: object = {}, ...rest: unknown[]): boolean {
    let prevented = false
    const preventDefault = (): void => void (prevented = true)
    // Getters of `fields` stay getters.
    const sent = Object.defineProperties({}, Object.getOwnPropertyDescriptors(fields))
    this.emit(event, Object.assign(sent, { preventDefault }), ...rest)
    return prevented
  }

  assertKnown(event: string): void {
    if (!this.eventNamesKnown.has(event)) missing(`${this.emitterName}.on('${event}')`)
  }
}
