// What people do to a run that goes on, by the command, on a real engine with real tasks.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunJson, TaskJson } from '../../electron/cli/run-json.ts'
import { openServedHome } from './served-home.ts'
import type { TestHome } from './sluice-process.ts'
import { noTerminal } from './sluice-process.ts'
import { untilRun } from './until-run.ts'

let home: TestHome

const counted = (rest: string): string =>
  `echo "$SLUICE_TASK$SLUICE_ITEM" >> "$HOME/count"; ${rest}`

beforeAll(async () => {
  home = await openServedHome({
    'pipelines/story.yaml': `tasks:
  ask: { approval: { message: Load 3 files?, form: { ticket: { type: string }, mode: { type: choice, choices: [full, delta], default: full } } } }
  load:
    needs: [ask]
    host: worker
    fan_out: { over: [a, b, c], max_parallel: 2 }
    run: '${counted('[ "$SLUICE_ITEM" != b ] || [ -f "$HOME/fixed" ] || exit 3')}'
  part: { needs: [load], pipeline: sub }
  side: { needs: [ask], host: worker, run: '${counted('true')}' }
`,
    'pipelines/sub.yaml': `tasks: { s: { host: worker, run: '${counted('true')}' } }\n`,
    'pipelines/chain.yaml': `tasks:
  a: { host: worker, run: '${counted('true')}' }
  b: { needs: [a], host: worker, run: '${counted('[ -f "$HOME/fixed-b" ] || exit 1')}' }
  c: { needs: [b], host: worker, run: '${counted('true')}' }
`,
  })
})

afterAll(() => home.close())

const counts = (): Record<string, number> => {
  const file = join(home.dir, 'count')
  const found: Record<string, number> = {}
  for (const name of existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [])
    found[name] = (found[name] ?? 0) + 1
  return found
}

const taskOf = ({ tasks }: RunJson, name: string): TaskJson | undefined =>
  tasks.find(({ task, item }) => task === name && item === null)
const isState = (name: string, state: string) => (run: RunJson) =>
  taskOf(run, name)?.state === state

async function said(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await home.run(...args)
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
  return stdout
}

test('a run is asked about, paused, held and mended item by item, and the audit has each word', async () => {
  const run = (await home.run('run', 'story', '--detach')).stdout.trim()
  const ref = run.slice(-8)
  await untilRun(home, run, isState('ask', 'running'))
  const answer = `    sluice approve ${ref} ask --set ticket=STRING\n    sluice reject ${ref} ask --reason TEXT\n`
  for (const words of [await said('show', run), await said('why', run, 'ask')]) {
    expect(words).toContain('? ask waits for an answer: Load 3 files?\n')
    expect(words).toMatch(/^ {4}ticket {2}string\n {4}mode {4}full or delta, else full$/m)
    expect(words).toContain(answer)
  }
  const question = await home.run('logs', run, 'ask')
  expect(question).toMatchObject({ code: 2, stdout: '' })
  expect(question.stderr).toMatch(
    /^ask is a question to a person, so it has no log\.\n\? ask waits/,
  )
  expect(await said('runs')).toContain('? ask waits for an answer')
  const short = await home.run('approve', run, 'ask')
  expect(short.code).toBe(2)
  expect(short.stderr).toContain('ticket has no value.\nIts form has ticket (string)')

  await said('pause', run, '--reason', 'window closed')
  await said('hold', run, 'side', '--reason', 'a look first')
  await said('approve', run, 'ask', '--set', 'ticket=T-1', '--reason', 'seen')
  const paused = await said('show', run)
  expect(paused).toMatch(/^· waiting +load$/m)
  expect(paused).toMatch(/^· waiting +side +held by \S+: a look first$/m)
  expect(paused).toMatch(/^‖ paused {2}1 of 4 tasks/m)
  expect(paused).toMatch(new RegExp(`ago: window closed\n {4}sluice unpause ${ref}\n`))
  expect(await said('why', run, 'load')).toContain('paused')
  await said('unpause', run)

  const failed = await untilRun(home, run, isState('load', 'failed'))
  expect(taskOf(failed, 'load')?.items).toEqual({ total: 3, counts: { succeeded: 2, failed: 1 } })
  expect(failed.state).toBe('running')
  const shown = await said('show', run)
  expect(shown).toMatch(/^✗ failed +load +3 of 3, 1 failed$/m)
  expect(shown).toMatch(/^✗ failed {13,}load\[1\] +local +\S+ s +b +exit 3$/m)
  expect(shown).not.toContain('load[0]')
  expect(await said('show', run, '--items')).toMatch(/^✓ succeeded +load\[0\]/m)

  writeFileSync(join(home.dir, 'fixed'), '')
  const plan = await said('retry', run, 'load[1]', '--plan')
  expect(plan).toMatch(/: 2 to run, 3 reused, 1 attached to$/m)
  expect(plan).toMatch(/^ {2}▶ run +load +1 of 3 items run again\n {2}▶ run +load\[1\] +\S/m)
  await home.run('retry', run, 'load[1]', '--detach')
  const mended = await untilRun(home, run, isState('part', 'succeeded'))
  expect(taskOf(mended, 'load')?.state).toBe('succeeded')
  const child = taskOf(mended, 'part')?.child ?? ''
  expect(await said('show', run)).toContain(`run ${child}`)
  expect((await home.json<RunJson>('show', child)).value.pipeline).toBe('sub')
  expect((await home.run('logs', run, 'part')).stderr).toMatch(
    new RegExp(`^part is a run of pipeline sub, .*Its run is ${child}, and it is succeeded`),
  )
  expect((await home.run('logs', run, 'ask')).stderr).toMatch(
    /"Load 3 files\?": approved by \S+: seen \(.*ticket=T-1.*\)$/m,
  )

  const wrong = await home.run('mark', run, 'load', 'skipped', '--reason', 'x')
  expect(wrong.code).toBe(2)
  await said('mark', run, 'side', 'skipped', '--reason', 'not today')
  const done = await untilRun(home, run, () => false)
  expect(done.state).toBe('succeeded')
  expect(counts()).toEqual({ loada: 1, loadb: 2, loadc: 1, s: 1 })

  const { value } = await home.json<{
    audit: { action: string; subject: string; reason: string }[]
  }>('audit')
  const deeds = value.audit
    .toReversed()
    .map((row) => [row.action, row.subject, row.reason].join(' | '))
  expect(deeds).toEqual([
    `run.started | ${run} | `,
    `run.paused | ${run} | window closed`,
    `task.held | ${run} side | a look first`,
    `approval.approved | ${run} ask | seen`,
    `run.unpaused | ${run} | `,
    `run.resumed | ${run} | `,
    `task.marked | ${run} load | x`,
    `task.marked.failed | ${run} load | x`,
    `task.marked | ${run} side | not today`,
  ])
}, 180_000)

test('a plan is edited with a reason, and done as it was shown or not at all', async () => {
  const failed = await home.json<RunJson>('run', 'chain')
  expect(failed.code).toBe(1)
  const { run } = failed.value
  const wrong: [string[], string][] = [
    [['--force', 'a'], '--reason TEXT'],
    [['--only'], '--from TASK, which is missing'],
    [['--param', 'x=1'], 'add --fixed'],
    [['--from', 'd'], 'has no task "d"'],
    [['--from', 'a[0]'], 'There is no item 0 of task "a"'],
  ]
  for (const [args, words] of wrong) {
    const { code, stderr } = await home.run('resume', run, ...args)
    expect({ args, code, stderr }).toEqual({
      args,
      code: 2,
      stderr: expect.stringContaining(words) as string,
    })
  }
  writeFileSync(join(home.dir, 'fixed-b'), '')
  const before = counts()
  const edit = ['--force', 'a', '--leave', 'c', '--reason', 'stale rows']
  const text = await said('resume', run, ...edit, '--plan')
  expect(text).toContain(': 2 to run, 1 refused\n')
  expect(text).toMatch(/▶ run +a +forced: stale rows\n[^]*✗ refuse +c +left as it is: stale rows\n/)
  const [, planId = ''] = /--shown (\S+) instead of --plan/.exec(text) ?? []
  // Other options make another plan: nothing is done.
  const other = await home.run('resume', run, '--shown', planId)
  expect(other).toMatchObject({ code: 2 })
  expect(other.stderr).toContain('is another by now')
  expect(counts()).toEqual(before)
  const resumed = await home.json<RunJson>('resume', run, ...edit, '--shown', planId)
  expect(resumed.value.tasks.map(({ attempts }) => attempts.length)).toEqual([2, 2, 0])
})

test.skipIf(noTerminal !== null)(
  'on a terminal another plan than the one shown is done only after a yes',
  async () => {
    const run = (await home.json<RunJson>('show')).value.run
    for (const [typed, code] of [
      ['no', 2],
      ['yes', 0],
    ] as const) {
      const asked = home.onTerminal('resume', run, '--from', 'a', '--shown', '0123456789abcdef')
      await asked.until(/Do this one\? \[y\/N\] /)
      asked.type(`${typed}\r`)
      expect((await asked.ended).code).toBe(code)
    }
  },
)

test('other params with the fixed file run again what reads them, and reuse the rest', async () => {
  home.write(
    'pipelines/tune.yaml',
    `params: { rows: { type: integer, default: 1 } }
tasks:
  list: { host: worker, run: '${counted('true')}' }
  load:
    needs: [list]
    host: worker
    env: { ROWS: "\${{ string(params.rows) }}" }
    run: 'echo "rows $ROWS"; [ "$ROWS" -gt 1 ]'
`,
  )
  const failed = await home.json<RunJson>('run', 'tune')
  expect(failed.code).toBe(1)
  const { run } = failed.value
  for (const [param, words] of [
    ['rows=many', 'rows'],
    ['row=5', 'rows'],
  ] as const) {
    const { code, stderr } = await home.run('resume', run, '--fixed', '--param', param, '--plan')
    expect({ param, code, stderr }).toEqual({
      param,
      code: 2,
      stderr: expect.stringContaining(words) as string,
    })
  }
  // Through the file and the params: its own version, and the task that had succeeded is not done again.
  const resumed = await home.json<RunJson>('resume', run, '--fixed', '--param', 'rows=5')
  expect(resumed).toMatchObject({ code: 0, value: { state: 'succeeded' } })
  expect(resumed.value.tasks.map(({ attempts }) => attempts.length)).toEqual([1, 2])
  expect(await said('logs', run, 'load')).toBe('rows 5\n')
  expect(await said('show', run)).toContain('rows=5')
})

test('a run that is told to stop after a task ends there, and a resume goes on from it', async () => {
  home.write(
    'pipelines/long.yaml',
    `tasks:
  a: { host: worker, run: 'while [ ! -f "$HOME/go" ]; do sleep 0.1; done' }
  b: { needs: [a], host: worker, run: 'true' }
`,
  )
  const run = (await home.run('run', 'long', '--detach')).stdout.trim()
  const [following, leaving] = [home.start('follow', run), home.start('follow')]
  await following.until(/running {2}a/)
  await leaving.until(/running {2}a/)
  leaving.child.kill('SIGINT')
  const left = await leaving.ended
  expect(left.code).toBe(3)
  expect(left.stderr).toContain('Left; the run goes on.')
  expect(await said('stop', run, '--after', 'a', '--reason', 'enough')).toContain(
    'once a has ended',
  )
  await following.until(/■ to stop after a {2}by \S+: enough/)
  expect(await said('show', run)).toMatch(/^■ To stop after a, said by \S+ .* ago: enough$/m)
  writeFileSync(join(home.dir, 'go'), '')
  const { code, stdout } = await following.ended
  expect(code).toBe(3)
  expect(stdout).toMatch(/b {2}the run was stopped after a by/)
  expect(await home.run('resume', run)).toMatchObject({ code: 0 })
})

test('a drained engine says so wherever one looks, starts nothing, and goes on when it is let', async () => {
  home.write(
    'pipelines/held.yaml',
    `tasks: { l: { host: worker, run: 'until [ -f "$HOME/let-go" ] || [ ! -d "$HOME" ]; do sleep 0.1; done' } }\n`,
  )
  const held = (await home.run('run', 'held', '--detach')).stdout.trim()
  await untilRun(home, held, isState('l', 'running'))
  const drain = home.start('drain', '--wait', '--reason', 'the rack moves')
  await expect
    .poll(async () => (await home.run('runs')).stderr, { timeout: 30_000 })
    .toMatch(
      /The engine is draining \(1 attempt still held\), said by .* ago: the rack moves\n.*sluice undrain\n/,
    )
  const waits = (await home.run('run', 'sub', '--detach')).stdout.trim()
  expect(await said('why', waits, 's')).toMatch(
    /The engine is drained by .* since .* UTC: the rack moves\./,
  )
  writeFileSync(join(home.dir, 'let-go'), '')
  const { code, stdout, stderr } = await drain.ended
  expect([code, stderr]).toEqual([0, 'Waits for 1 attempt.\n'])
  expect(stdout).toContain('The engine is drained (nothing runs)')
  expect((await home.run('hosts')).stderr).toContain('The engine is drained (nothing runs)')
  expect(await said('show', waits)).toContain('queued')
  expect(await said('undrain')).toBe('What is due starts again.\n')
  await untilRun(home, waits, ({ state }) => state === 'succeeded')
  expect(JSON.parse(await said('undrain', '--json'))).toEqual({ drain: null })
})

test('a mark says what comes of it: a resume, nothing, or the end of the run', async () => {
  home.write(
    'pipelines/by-hand.yaml',
    `tasks:
  go: { approval: { message: Load? } }
  etl:
    needs: [go]
    tasks: { a: { host: worker, run: 'exit 1' }, b: { needs: [a], host: worker, run: 'true' } }
`,
  )
  const start = async (): Promise<string> => {
    const run = (await home.run('run', 'by-hand', '--detach')).stdout.trim()
    await untilRun(home, run, isState('go', 'running'))
    return run
  }
  const mark = (run: string, task: string, state: string): Promise<string> =>
    said('mark', run, task, state, '--reason', 'by hand')

  const failed = await start()
  await said('approve', failed, 'go')
  await untilRun(home, failed, ({ state }) => state === 'failed')
  expect(await mark(failed, 'etl.a', 'succeeded')).toBe(
    `etl.a counts as succeeded.\nThe run stays as it is until: sluice resume ${failed.slice(-8)}\n`,
  )
  expect(await said('resume', failed, '--plan', '--from', 'etl')).toMatch(/: 2 to run, 1 reused$/m)
  expect(await mark(failed, 'etl.b', 'skipped')).toBe(
    `etl.b counts as skipped.\nThe run stays as it is until: sluice resume ${failed.slice(-8)}\n`,
  )
  expect(await said('resume', failed, '--plan')).toContain(
    '3 reused\nNothing runs again: the run ends as its tasks count now.\n',
  )
  expect(await said('resume', failed)).toContain('succeeded')
  await untilRun(home, failed, ({ state }) => state === 'succeeded')

  const held = await start()
  expect(await said('hold', held, 'etl')).toBe(
    `Held: what has not begun of etl does not start.\nLet it go: sluice unhold ${held.slice(-8)} etl\n`,
  )
  expect(await said('__complete', 'unhold', held, 'et')).toMatch(/^etl\t.*\netl\.a\t/)
  await said('approve', held, 'go')
  expect(await mark(held, 'etl.a', 'succeeded')).toBe('etl.a counts as succeeded.\n')
  expect(await mark(held, 'etl.b', 'succeeded')).toBe(
    'etl.b counts as succeeded.\nWith that the run has ended: it is succeeded.\n',
  )
}, 60_000)
