// Files made to be slow: each is answered, and for a cost that does not grow with what somebody puts in.
import { expect, test } from 'vitest'
import { parsePipeline } from '../../electron/pipeline/parse-pipeline.ts'
import { namesOf } from '../../electron/pipeline/parse-workspace.ts'

/** Of CPU, not of the clock: generous, since a busy machine charges more. Alone, each needs a tenth of it. */
const cpuMsMax = 2000

function repeat(count: number, line: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => line(at)).join('')
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const tasks = (lines: string): string => `tasks:\n${lines}`
const env = (lines: string): string => `tasks:\n  a:\n    run: ls\n    env:\n${lines}`

test.each([
  ['duplicate keys', tasks(repeat(7000, () => '  a: 1\n')), /given twice/],
  ['unknown fields', repeat(5000, (at) => `field_${at}: 1\n`), /has no field/],
  [
    'unknown needs',
    tasks(repeat(600, (at) => `  task_${at}: { run: ls, needs: [tsak_${at}] }\n`)),
    /no task/,
  ],
  [
    'one big cycle',
    tasks(repeat(600, (at) => `  t${at}: { run: ls, needs: [t${(at + 1) % 600}] }\n`)),
    /wait for each other/,
  ],
  [
    'everything in one group that needs everything in another',
    `tasks:\n  a:\n    tasks:\n${repeat(900, (at) => `      t${at}: { run: ls }\n`)}  b:\n    needs: [a]\n    tasks:\n${repeat(900, (at) => `      t${at}: { run: ls }\n`)}`,
    /need each other 810,000 times/,
  ],
  [
    'groups in groups',
    tasks(`  a: ${'{ tasks: { g: '.repeat(25)}{ run: ls }${' } }'.repeat(25)}\n`),
    /at most 5 deep/,
  ],
  [
    'a condition of 20,000 atoms',
    tasks(
      `  a: { run: ls }\n  b:\n    needs: [a]\n    run: ls\n    trigger_rule: "\${{ ${"done('a') || ".repeat(700)}done('a') }}"\n`,
    ),
    /nodes|times for a state|limit/i,
  ],
  [
    'a deep condition',
    tasks(
      `  a: { run: ls }\n  b:\n    needs: [a]\n    run: ls\n    trigger_rule: "\${{ ${'!('.repeat(2000)}done('a')${')'.repeat(2000)} }}"\n`,
    ),
    /depth|limit|Exceeded/i,
  ],
  [
    'bad references to tasks',
    tasks(
      repeat(
        600,
        (at) =>
          `  task_${at}: { run: ls, needs: [${at === 0 ? '' : `task_${at - 1}`}], env: { A: "\${{ tasks.tsak_${at}.state }}" } }\n`,
      ),
    ),
    /no task/,
  ],
  [
    'bad expressions',
    env(repeat(1500, (at) => `      A${at}: "\${{ prams.x }}"\n`)),
    /no variable/,
  ],
  [
    'expressions in one value',
    env(`      A: "${'${{ x }}'.repeat(10_000)}"\n`),
    /at most 50 expressions/,
  ],
  [
    'a deep expression',
    env(`      A: "\${{ ${'('.repeat(40_000)} }}"\n`),
    /depth|limit|Exceeded|Expected/i,
  ],
  [
    'a long expression',
    env(`      A: "\${{ ${'1 + '.repeat(20_000)}1 }}"\n`),
    /nodes|limit|Exceeded|maxDepth/i,
  ],
  [
    'unknown time zones',
    `triggers:\n${repeat(2000, (at) => `  - { cron: "0 0 * * *", timezone: Erope/B${at} }\n`)}`,
    /no time zone/,
  ],
  [
    'an alias bomb',
    repeat(500, (at) =>
      at === 0 ? 'a0: &a0 [1]\n' : `a${at}: &a${at} [${`*a${at - 1},`.repeat(9)}]\n`,
    ),
    /aliases of this file/,
  ],
  ['deep lists', '['.repeat(1_000_000), /nested too deeply/],
  ['deep blocks', '- '.repeat(500_000), /nested too deeply/],
  ['many tokens', `[${'a,'.repeat(500_000)}]`, /YAML tokens/],
  ['comments alone', '# x\n'.repeat(250_000), /YAML tokens/],
  ['tags', '!a '.repeat(100_000), /tags/],
  ['quotes', '"'.repeat(1_000_000), /./],
  ['lines without a colon', repeat(100_000, () => 'a b c\n'), /mapping|colon|":"/],
  [
    'a long command',
    `tasks:\n  a:\n    run: |\n${'      x\n'.repeat(120_000)}`,
    /at most 100000 characters/,
  ],
])('%s are answered in bounded time', (_, text, message) => {
  const from = cpuMs()
  const { spec, problems } = parsePipeline(text, 'pipelines/x.yaml', namesOf(null))
  expect(cpuMs() - from).toBeLessThan(cpuMsMax)
  expect(spec).toBeNull()
  expect(problems.map((problem) => problem.message).join('\n')).toMatch(message)
  expect(problems.length).toBeLessThanOrEqual(101)
})

test('a chain of 1,000 tasks, each of which reads all that came before it, is read in bounded time', () => {
  const text = tasks(
    repeat(
      1000,
      (at) =>
        `  t${at}: { run: ls, needs: [${at === 0 ? '' : `t${at - 1}`}], env: { A: "\${{ ${at === 0 ? '1' : `tasks.t0.state + tasks.t${at - 1}.outputs.x`} }}" } }\n`,
    ),
  )
  const from = cpuMs()
  const { spec } = parsePipeline(text, 'pipelines/x.yaml', namesOf(null))
  expect(spec?.tasks).toHaveLength(1000)
  expect(cpuMs() - from).toBeLessThan(3 * cpuMsMax)
})

test('a pipeline of 500 tasks is read', () => {
  const text = tasks(
    repeat(
      500,
      (at) => `  t${at}:
    needs: [${at === 0 ? '' : `t${at - 1}`}]
    run: ./x.sh
    env: { P: "\${{ pipeline }}" }
    timeout: 10m
    retries: { max: 2, delay: 5s }
`,
    ),
  )
  expect(parsePipeline(text, 'pipelines/x.yaml', namesOf(null)).spec?.tasks).toHaveLength(500)
})
