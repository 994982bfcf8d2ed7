// Whatever a client sends: the engine answers, or closes that link; no handler sees what does not fit, nothing is thrown.
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Api } from '../../shared/api/contract.ts'
import { contract } from '../../shared/api/contract.ts'
import { checkInput } from '../../shared/api/check-input.ts'
import { parseReply } from '../../shared/api/frames.ts'
import { serveLink } from '../../shared/api/serve-link.ts'
import { wirePair } from './wire-pair.ts'

const names = Object.keys(contract) as (keyof typeof contract)[]

const api = Object.fromEntries(
  names.map((name) => [
    name,
    contract[name].kind === 'call'
      ? async (input: unknown) => checkInput(name, input)
      : async function* (input: unknown) {
          yield checkInput(name, input)
        },
  ]),
) as unknown as Api

const input = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      run: fc.oneof(fc.string(), fc.jsonValue()),
      task: fc.string(),
      pipeline: fc.string(),
      params: fc.dictionary(fc.string(), fc.jsonValue()),
      limit: fc.oneof(fc.integer(), fc.double()),
      offset: fc.oneof(fc.integer(), fc.string()),
      length: fc.integer(),
    },
    { requiredKeys: [] },
  ),
)
const word = fc.oneof(fc.constantFrom('call', 'open', 'credit', 'stop', 'ok', 'item'), fc.string())
const name = fc.oneof(fc.constantFrom(...names, '__proto__', 'constructor'), fc.string())
const frame = fc.oneof(
  fc.string(),
  fc.uint8Array(),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc
    .tuple(word, fc.oneof(fc.integer(), fc.jsonValue()), name, input)
    .map((parts) => JSON.stringify(parts)),
)

test('2,000 links with odd frames: each answers with frames, or is closed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 5 }), async (frames) => {
      const [client, engine] = wirePair()
      const bugs: unknown[] = []
      let odd = 0
      serveLink(engine, api, (bug) => bugs.push(bug))
      client.onMessage((answer) => {
        if (typeof answer !== 'string' || parseReply(answer) === null) odd += 1
      })
      for (const one of frames) client.send(one)
      for (let turn = 0; turn < 8; turn += 1) await nextTurn()
      expect({ bugs, odd }).toEqual({ bugs: [], odd: 0 })
      client.close()
    }),
    { numRuns: 2000, seed: 7 },
  )
})

test('a name or a key of an object’s own never reaches a handler as more than data', () => {
  const checked = checkInput('run.start', JSON.parse('{"pipeline":"p","params":{"__proto__":"x"}}'))
  expect(({} as Record<string, unknown>)['polluted']).toBe(undefined)
  expect(Object.getPrototypeOf(checked.params)).not.toBe('x')
})
