import { expect, test } from 'vitest'
import { freshAsks, noticeOfAsk, noticeOfDoubt } from '../../electron/desktop/person-news.ts'
import { addTrouble } from '../renderer/scripted-trouble.ts'
import { demoWorld } from '../renderer/scripted-world.ts'
import type { AskRow } from '../../shared/api/views.ts'

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
