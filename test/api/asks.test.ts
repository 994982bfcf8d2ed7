import { expect, test } from 'vitest'
import { askCalls, openAsks, type AsksPart } from '../../electron/api/asks.ts'
import type { SecretStore } from '../../electron/ports/asks.ts'
import type { AuditEntry } from '../../electron/ports/audit.ts'
import { systemDice } from '../../electron/system/dice.ts'
import type { Question } from '../../shared/api/question.ts'
import type { AskRow } from '../../shared/api/views.ts'
import { virtualClock, type VirtualClock } from '../helpers/virtual-clock.ts'

interface World {
  asks: AsksPart
  clock: VirtualClock
  kept: Map<string, string>
  audited: AuditEntry[]
  /** Begins to watch; gives what is asked at present. */
  watch: () => { asked: () => Promise<readonly AskRow[]>; leave: () => void }
}

function openWorld(unavailable: string | null = null): World {
  const clock = virtualClock()
  const kept = new Map<string, string>()
  const audited: AuditEntry[] = []
  const secrets: SecretStore = {
    unavailable,
    get: async (name) => kept.get(name) ?? null,
    set: async (name, secret) => void kept.set(name, secret),
    delete: async (name) => void kept.delete(name),
  }
  const audit = { record: (entry: AuditEntry) => void audited.push(entry) }
  const asks = openAsks({ clock, dice: systemDice, secrets, audit, by: 'ada' })
  const watch: World['watch'] = () => {
    const abort = new AbortController()
    const stream = askCalls({ asks })['ask.watch']({}, abort.signal)[Symbol.asyncIterator]()
    const asked = async (): Promise<readonly AskRow[]> => {
      const next = await stream.next()
      return next.done === true ? [] : next.value.asks
    }
    return { asked, leave: () => abort.abort() }
  }
  return { asks, clock, kept, audited, watch }
}

const never = (): AbortSignal => new AbortController().signal
const passphrase: Question = {
  kind: 'passphrase',
  host: 'wh',
  hop: 'etl@wh:22',
  keyFile: '/home/ada/.ssh/id',
}
const password: Question = { kind: 'password', host: 'wh', hop: 'etl@wh:22', user: 'etl' }
const code: Question = {
  kind: 'prompt',
  host: 'wh',
  hop: 'etl@gate:22',
  title: '',
  text: 'Code:',
  secret: true,
}

test('A1: with nobody watching a question is answered by nobody, at once', async () => {
  const { asks } = openWorld()
  expect(await asks.ask(password, never())).toBeNull()
})

test('A2: one answer serves all who wait for the same key, and a code only its own login', async () => {
  const { asks, watch } = openWorld()
  const { asked } = watch()
  expect(await asked()).toEqual([])
  const keys = [asks.ask(passphrase, never()), asks.ask({ ...passphrase, host: 'b' }, never())]
  expect(await asked()).toHaveLength(1)
  const codes = [asks.ask(code, never()), asks.ask(code, never())]
  const rows = await asked()
  expect(rows.map(({ question }) => question)).toEqual([passphrase, code, code])
  expect(rows.map(({ canRemember }) => canRemember)).toEqual([true, false, false])
  for (const [index, { id }] of rows.entries()) await asks.answer(id, `answer ${index}`, true)
  expect(await Promise.all(keys)).toEqual(['answer 0', 'answer 0'])
  expect(await Promise.all(codes)).toEqual(['answer 1', 'answer 2'])
  expect(await asked()).toEqual([])
  await expect(asks.answer(rows[0]?.id ?? '', 'late', false)).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('A3: a remembered answer is given unasked, and forgotten when the same login asks again', async () => {
  const { asks, watch, kept, audited } = openWorld()
  const { asked } = watch()
  await asked()
  const first = asks.ask(password, never())
  const [row] = await asked()
  await asks.answer(row?.id ?? '', 'hunter2', true)
  expect(await first).toBe('hunter2')
  await asked()

  expect(await asks.ask(password, never())).toBe('hunter2')
  const login = never()
  expect(await asks.ask(password, login)).toBe('hunter2')
  const again = asks.ask(password, login)
  const [second] = await asked()
  expect(kept.size).toBe(0)
  await asks.answer(second?.id ?? '', null, false)
  expect(await again).toBeNull()
  expect(audited.map(({ by, action, subject }) => [by, action, subject])).toEqual([
    ['ada', 'secret.remembered', 'password etl@wh:22'],
    ['engine', 'secret.forgotten', 'password etl@wh:22'],
  ])
  // A4.
  expect(JSON.stringify(audited)).not.toContain('hunter2')
})

test('where the system keeps nothing, nothing can be remembered', async () => {
  const { asks, watch, kept } = openWorld('no keyring')
  const { asked } = watch()
  await asked()
  const answer = asks.ask(password, never())
  const [row] = await asked()
  expect(row?.canRemember).toBe(false)
  await asks.answer(row?.id ?? '', 'x', true)
  expect(await answer).toBe('x')
  expect(kept.size).toBe(0)
})

test('a question ends with its login, and after three minutes', async () => {
  const { asks, watch, clock } = openWorld()
  const { asked } = watch()
  await asked()
  const login = new AbortController()
  const dropped = asks.ask(code, login.signal)
  expect(await asked()).toHaveLength(1)
  login.abort()
  expect(await dropped).toBeNull()
  expect(await asked()).toEqual([])
  const late = asks.ask(code, never())
  expect(await asked()).toHaveLength(1)
  await clock.flow(180_000)
  expect(await late).toBeNull()
  expect(await asked()).toEqual([])
  expect(clock.pending()).toBe(0)
})

test('questions without end are refused beyond a limit', async () => {
  const { asks, watch } = openWorld()
  const { asked, leave } = watch()
  await asked()
  const many = Array.from({ length: 40 }, () => asks.ask(code, never()))
  expect(await Promise.all(many.slice(32))).toEqual(Array.from({ length: 8 }, () => null))
  leave()
})
