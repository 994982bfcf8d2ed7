// A workspace, its tasks and its hosts are somebody else's text: no command lets any of it act on the terminal.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestHome } from './sluice-process.ts'
import { openTestHome } from './sluice-process.ts'

let home: TestHome

beforeAll(async () => {
  home = openTestHome()
  home.env['FORCE_COLOR'] = '1'
  home.write('sluice.yaml', 'environments: { dev: {} }\n')
  home.write('pipelines/a\u001b]0;title\u0007b.yaml', 'tasks: { a: { run: x, nope: 1 } }\n')
  home.write(
    'pipelines/odd.yaml',
    `name: odd
description: "\\e[2J\\e]0;title\\a"
params: { p: { type: string, default: "\\e]0;t\\a\\u202e\\x9b31m\\r\\nFORGED" } }
tasks:
  a:
    env: { V: "\${{ params.p }}" }
    run: "printf 'error: \\\\033]0;log\\\\007\\\\033[2J\\\\r\\\\n' >&2; exit 3"
    remedies: [{ title: "\\e[2Jfix\\nFORGED", run: "printf '\\\\033[2J\\\\033]0;x\\\\007'" }]
`,
  )
  await home.run('run', 'odd')
}, 60_000)

afterAll(() => home.close())

const commands = [
  'validate',
  'pipelines',
  'plan odd',
  'run odd',
  'show',
  'explain',
  'events',
  'fix',
  'runs',
  'show --json',
  'events --json',
  'plan odd --json',
  '__complete run ',
]

test.each(commands)('sluice %s', async (words) => {
  const { stdout, stderr } = await home.run(...words.split(' '))
  // eslint-disable-next-line no-control-regex
  const rest = (stdout + stderr).replace(/\u001b\[[0-9;]*m/g, '')
  expect(rest).not.toBe('')
  // eslint-disable-next-line no-control-regex
  expect(rest).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
  expect(rest).not.toMatch(/^FORGED/m)
})

test('sluice logs alone is exact bytes', async () => {
  const { bytes } = await home.run('logs', 'latest', 'a')
  expect(bytes.toString('latin1')).toBe('error: \u001b]0;log\u0007\u001b[2J\r\n')
})
