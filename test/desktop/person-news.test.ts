import { expect, test } from 'vitest'
import type { Api } from '../../shared/api/contract.ts'
import { directClient } from '../../shared/api/direct-client.ts'
import { freshAsks, noticeOfAsk, noticeOfDoubt } from '../../electron/desktop/person-news.ts'
import type { Notice } from '../../electron/desktop/person-news.ts'
import { watchPerson } from '../../electron/desktop/watch-person.ts'
import { virtualClock } from '../helpers/virtual-clock.ts'
import { addTrouble } from '../renderer/scripted-trouble.ts'
import { demoWorld } from '../renderer/scripted-world.ts'
import type { AskRow, RunRow, RunsWatch } from '../../shared/api/views.ts'

const ask = (id: string, question: AskRow['question']): AskRow => ({
  id,
  question,
  askedAt: 1,
  canRemember: false,
})
const prompt = ask('b', {
  kind: 'prompt',
  host: 'edge',
  hop: 'a@b:22',
  title: 'Sluice: your disk is full',
  text: 'call 555-1234',
  secret: false,
})

test('a notification names the host and never repeats what its server wrote', () => {
  const { title, body, route } = noticeOfAsk(prompt)
  expect(title).toBe('edge asks for a code or an answer')
  expect(`${title} ${body}`).not.toMatch(/disk|555/)
  expect(route).toBe('#/hosts/edge')
})

test('a question is news once', () => {
  expect(freshAsks(new Set(['a']), [ask('a', prompt.question), prompt])).toEqual([prompt])
})

test('an unknown outcome is told only where its policy asks a person', () => {
  const world = demoWorld(1_800_000_000_000)
  addTrouble(world, 1_800_000_000_000)
  const run = world.runs.find(({ view }) => view.run.endsWith('unkn0wn1'))!
  const notice = noticeOfDoubt(run.view, run.graph)
  // validate_orders is unknown as well, but its policy lets another host take over.
  expect(notice?.body).toMatch(/^land_prices: /)
  expect(notice?.route).toBe(`#/runs/${run.view.run}?task=land_prices`)
  const byPolicy = run.graph.filter(({ name }) => name !== 'land_prices')
  expect(noticeOfDoubt(run.view, byPolicy)).toBeNull()
})

test('a question of a run is told once, with what it asks and the way to it, and again when it asks anew', async () => {
  const { row } = demoWorld(1_800_000_000_000).runs[0]!
  const asking: RunRow = { ...row, asks: { 'go live[2]': 'Publish\n3\u202e rows?', other: 'And?' } }
  const { asks: _, ...quiet } = asking
  const items: RunsWatch[] = [
    { kind: 'snapshot', rows: [asking] },
    { kind: 'row', row: asking },
    { kind: 'row', row: quiet },
    { kind: 'row', row: { ...asking, asks: { other: 'And?' } } },
  ]
  const notices: Notice[] = []
  const stop = new AbortController()
  const told = (notice: Notice): void => {
    notices.push(notice)
    if (notices.length === 2) stop.abort()
  }
  const client = directClient({
    'ask.watch': async function* () {},
    'runs.watch': async function* () {
      yield* items
    },
  } as unknown as Api)
  const watcher = { onNotice: told, onError: (error: unknown) => expect(error).toBeUndefined() }
  await watchPerson(async () => client, virtualClock(), watcher, stop.signal)
  expect(notices).toEqual([
    {
      title: `${row.pipeline} waits for your answer`,
      body: 'go live[2]: Publish 3 rows? And 1 more. Click to answer.',
      route: `#/runs/${row.run}?task=go%20live&item=2`,
    },
    expect.objectContaining({ body: 'other: And? Click to answer.' }),
  ])
})
