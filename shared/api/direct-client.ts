// A client without a wire, for a face that holds the engine itself. Inputs pass the same border.
import type { Api, CallName, Client, InputOf, ItemOf, OutputOf, StreamName } from './contract.ts'
import { checkInput } from './check-input.ts'

export function directClient(api: Api): Client {
  const closing = new AbortController()
  return {
    call: async <K extends CallName>(name: K, input: InputOf<K>): Promise<OutputOf<K>> => {
      const handler = api[name] as (input: unknown) => Promise<OutputOf<K>>
      return await handler(checkInput(name, input))
    },
    stream: <K extends StreamName>(name: K, input: InputOf<K>, signal?: AbortSignal) => {
      const handler = api[name] as (input: unknown, signal: AbortSignal) => AsyncIterable<ItemOf<K>>
      const until =
        signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal])
      return handler(checkInput(name, input), until)
    },
    close: () => closing.abort(),
  }
}
