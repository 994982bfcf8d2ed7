// A client without an engine, made of the answers that a test names. What it is asked besides fails by the call's name,
// so that a new call of the contract concerns only the tests that use it. Inputs pass the border of the real one.
import { AppError } from '../../shared/api/app-error.ts'
import {
  contract,
  type Api,
  type CallName,
  type CheckedInputOf,
  type Client,
  type InputOf,
  type ItemOf,
  type OutputOf,
  type StreamName,
} from '../../shared/api/contract.ts'
import { directClient } from '../../shared/api/direct-client.ts'

export type Answers = {
  [K in CallName]?: (input: CheckedInputOf<K>) => OutputOf<K>
} & {
  [K in StreamName]?: (input: CheckedInputOf<K>, signal: AbortSignal) => AsyncIterable<ItemOf<K>>
}

export interface ScriptedApi extends Client {
  /** What was asked, in order. */
  calls: { name: string; input: unknown }[]
  /** Refuses the next call of this name. */
  refuse(name: CallName, message: string): void
  /** Cuts every stream and call as a lost link would. */
  cut(): void
  openStreams(): number
}

export function scriptedApi(answers: Answers): ScriptedApi {
  const inner = directClient(wholeApi(answers))
  const calls: ScriptedApi['calls'] = []
  const refusals = new Map<string, string>()
  const streams = new Set<AbortController>()
  let lost: AppError | null = null

  return {
    calls,
    openStreams: () => streams.size,
    refuse: (name, message) => void refusals.set(name, message),
    async call<K extends CallName>(name: K, input: InputOf<K>) {
      if (lost !== null) throw lost
      calls.push({ name, input })
      const refused = refusals.get(name)
      refusals.delete(name)
      if (refused !== undefined) throw new AppError('conflict', refused)
      return structuredClone(await inner.call(name, input))
    },
    stream: <K extends StreamName>(name: K, input: InputOf<K>, signal?: AbortSignal) => ({
      async *[Symbol.asyncIterator]() {
        if (lost !== null) throw lost
        const control = new AbortController()
        const until =
          signal === undefined ? control.signal : AbortSignal.any([signal, control.signal])
        streams.add(control)
        try {
          yield* inner.stream(name, input, until)
          if (lost !== null) throw lost
        } finally {
          streams.delete(control)
        }
      },
    }),
    cut() {
      lost = new AppError('link-closed', 'The link to the engine is closed.')
      for (const control of streams) control.abort()
    },
    close() {
      for (const control of streams) control.abort()
    },
  }
}

function wholeApi(answers: Answers): Api {
  const handlers = Object.keys(contract).map((name) => {
    const answer = answers[name as CallName] as ((...input: unknown[]) => unknown) | undefined
    const unanswered = (): never => {
      throw new AppError('not-found', `Nobody has told the scripted client what ${name} gives.`)
    }
    const isStream = contract[name as CallName | StreamName].kind === 'stream'
    const handler = answer ?? unanswered
    return [name, isStream ? handler : async (input: unknown) => handler(input)]
  })
  return Object.fromEntries(handlers) as Api
}
