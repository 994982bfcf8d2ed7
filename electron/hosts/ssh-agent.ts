// The ssh-agent of a person: its keys, and what it signs. It may ask its owner, by a window of its own or for a touch; one that
// never answers is left.
import ssh2 from 'ssh2'
import type { BaseAgent, ParsedKey, SigningRequestOptions } from 'ssh2'
import type { Duplex } from 'node:stream'
import type { Clock } from '../ports/clock.ts'

export interface SshAgent {
  keys(): Promise<ParsedKey[]>
  sign(key: ParsedKey, data: Buffer, options: SigningRequestOptions): Promise<Buffer>
}

const keysLimitMs = 5000
const signLimitMs = 120_000

/** Rejects in words. */
export function openSshAgent(path: string, clock: Clock): SshAgent {
  const ask = <T>(
    limitMs: number,
    work: (agent: BaseAgent, done: (error: unknown, value?: T) => void) => void,
  ): Promise<T> =>
    new Promise((resolve, reject) => {
      const { agent, cut } = cuttableAgent(path)
      const stopLimit = clock.after(limitMs, () => {
        reject(new Error(`no answer within ${limitMs / 1000} s`))
        cut()
      })
      work(agent, (error, value) => {
        stopLimit()
        if (value !== undefined) resolve(value)
        else reject(error instanceof Error ? error : new Error('it gives no answer'))
      })
    })
  return {
    async keys() {
      const found = await ask<readonly unknown[]>(keysLimitMs, (agent, done) =>
        agent.getIdentities((error, keys) =>
          done(error, error instanceof Error ? undefined : (keys ?? [])),
        ),
      )
      const keys: (ParsedKey | Error)[] = found.map((key) => ssh2.utils.parseKey(key as Buffer))
      return keys.filter((key): key is ParsedKey => !(key instanceof Error))
    },
    sign: (key, data, options) =>
      ask<Buffer>(signLimitMs, (agent, done) => agent.sign(key, data, options, done)),
  }
}

/** ssh2 waits for an answer as long as the agent's socket is open, which it keeps to itself. */
function cuttableAgent(path: string): { agent: BaseAgent; cut: () => void } {
  const agent = ssh2.createAgent(path)
  const open: unknown = Reflect.get(agent, 'getStream')
  let stream: Duplex | null = null
  if (typeof open === 'function') {
    const getStream = (done: (error: unknown, stream?: Duplex) => void): void => {
      Reflect.apply(open, agent, [
        (error: unknown, opened?: Duplex) => {
          stream = opened ?? null
          done(error, opened)
        },
      ])
    }
    Object.assign(agent, { getStream })
  }
  return { agent, cut: () => void stream?.destroy() }
}
