import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunJson } from '../../electron/cli/run-json.ts'
import type { TestHome } from './sluice-process.ts'
import { openTestHome } from './sluice-process.ts'

let home: TestHome

beforeEach(() => {
  home = openTestHome()
  home.write('sluice.yaml', 'environments: { dev: { hosts: { worker: local } } }\n')
})

afterEach(() => home.close())

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string

/** Counts each start in a file outside of the attempt's own folder. */
const counted = (name: string, rest: string): string => `echo ${name} >> "$HOME/count"; ${rest}`
const counts = (): Record<string, number> => {
  const file = join(home.dir, 'count')
  const found: Record<string, number> = {}
  if (!existsSync(file)) return found
  for (const name of readFileSync(file, 'utf8').trim().split('\n')) {
    found[name] = (found[name] ?? 0) + 1
  }
  return found
}

test('a good run exits 0 and gives exactly the promised document', async () => {
  home.write(
    'pipelines/good.yaml',
    'name: good\nparams: { word: { type: string, default: hi } }\ntasks:\n  a: { host: worker, run: \'printf "%s\\n" "$WORD"\', env: { WORD: "${{ params.word }}" } }\n  b: { needs: [a], host: worker, run: echo b }\n',
  )
  const { code, value } = await home.json<RunJson>('run', 'good', '--param', 'word=grüß')
  expect(code).toBe(0)
  expect(value).toEqual({
    run: expect.stringMatching(/^\d{8}-\d{6}-[0-9a-z]{8}$/) as string,
    pipeline: 'good',
    version: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    env: 'dev',
    state: 'succeeded',
    paused: null,
    stopAsked: null,
    tasks: ['a', 'b'].map((task) => ({
      task,
      item: null,
      state: 'succeeded',
      host: 'local',
      why: '',
      value: null,
      items: null,
      child: null,
      approval: null,
      held: null,
      marked: null,
      checkpoint: null,
      unsaved: null,
      attempts: [
        {
          number: 1,
          host: 'local',
          exit: 0,
          signal: null,
          startedAt: isoTime,
          endedAt: isoTime,
          logBytes: task === 'a' ? 7 : 2,
          logVerified: 'sha256',
          cpuMs: expect.any(Number),
          peakBytes: null,
          unknown: null,
          survivors: [],
          chosen: null,
          fence: null,
        },
      ],
    })),
  })
  const shown = await home.json<RunJson>('show')
  expect(shown.value).toEqual(value)
  const log = await home.run('logs', value.run.slice(-8), 'a')
  expect(log.bytes.equals(Buffer.from('grüß\n'))).toBe(true)
})

test('logs gives the exact bytes, whatever they are', async () => {
  home.write(
    'pipelines/bytes.yaml',
    'name: bytes\ntasks: { a: { host: worker, run: \'i=0; while [ $i -lt 256 ]; do printf "\\\\$(printf %o $i)"; i=$((i+1)); done; head -c 300000 /dev/zero\' } }\n',
  )
  expect((await home.run('run', 'bytes')).code).toBe(0)
  const { code, bytes } = await home.run('logs', 'latest', 'a')
  const expected = Buffer.concat([
    Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
    Buffer.alloc(300_000),
  ])
  expect(code).toBe(0)
  expect(bytes.equals(expected)).toBe(true)
  const unknown = await home.run('logs', 'latest', 'b')
  expect(unknown).toMatchObject({ code: 2, stdout: '' })
})

test('a run that fails exits 1 and says why; explain, resume --plan and resume go on from there', async () => {
  home.write(
    'pipelines/flaky.yaml',
    `name: flaky
tasks:
  a: { host: worker, run: '${counted('a', 'true')}' }
  b: { needs: [a], host: worker, run: '${counted('b', '[ -f "$HOME/fixed" ] || { echo "no such file: input.csv" >&2; exit 7; }')}', remedies: [{ title: Make it, host: worker, run: 'touch "$HOME/fixed"; echo made' }] }
  c: { needs: [b], host: worker, run: '${counted('c', 'true')}' }
`,
  )
  const failed = await home.run('run', 'flaky')
  expect(failed.code).toBe(1)
  expect(failed.stdout).toContain('✗ b failed')
  expect(failed.stdout).toMatch(/sluice resume [0-9a-z]{8}/)
  const told = await home.run('explain')
  expect(told.stdout).toMatch(/^✗ b failed/)
  expect(failed.stdout).toContain(`\n\n${told.stdout}`)
  expect((await home.run('show')).stdout).toContain(`\n\n${told.stdout}`)

  const explained = await home.json<Record<string, unknown>>('explain')
  expect(explained.code).toBe(0)
  expect(Object.keys(explained.value)).toEqual([
    'rootTask',
    'via',
    'attempt',
    'class',
    'summary',
    'evidence',
    'changed',
    'waiting',
    'hostFacts',
  ])
  expect(explained.value).toMatchObject({ rootTask: 'b', attempt: 1, waiting: ['c'] })
  expect(explained.value['evidence']).toContainEqual({
    task: 'b',
    line: 1,
    text: 'no such file: input.csv',
  })

  const fixed = await home.json<object>('fix', 'latest', 'b')
  expect(fixed).toMatchObject({ code: 0, value: { task: 'b', exit: 0, output: 'made\n' } })

  const plan = await home.json<{ plan: object[] }>('resume', '--plan')
  expect(plan.value).toEqual({
    plan: [
      { task: 'a', item: null, decision: 'reuse', reason: expect.any(String) as string },
      { task: 'b', item: null, decision: 'run', reason: expect.any(String) as string },
      { task: 'c', item: null, decision: 'run', reason: expect.any(String) as string },
    ],
    planId: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
  })
  expect(counts()).toEqual({ a: 1, b: 1 })

  const resumed = await home.json<RunJson>('resume')
  expect(resumed).toMatchObject({ code: 0, value: { state: 'succeeded' } })
  expect(counts()).toEqual({ a: 1, b: 2, c: 1 })
  expect(await home.run('resume')).toMatchObject({ code: 2 })
})

test('a run goes on to its end when nobody reads its output any more', async () => {
  home.write(
    'pipelines/two.yaml',
    'name: two\ntasks:\n  a: { host: worker, run: sleep 1 }\n  b: { needs: [a], host: worker, run: echo }\n',
  )
  const running = home.start('run', 'two')
  await running.until(/running {2}a/)
  running.child.stdout.destroy()
  await running.ended
  const { value } = await home.json<RunJson>('show')
  expect(value.state).toBe('succeeded')
})

test('wrong names and params exit 2 and start nothing', async () => {
  home.write('pipelines/p.yaml', 'name: pump\ntasks: { a: { host: worker, run: echo } }\n')
  const name = await home.run('run', 'pmp')
  expect(name.code).toBe(2)
  expect(name.stderr).toContain('sluice: There is no pipeline "pmp". Did you mean "pump"?')
  const param = await home.json<{ error: { message: string } }>('run', 'pump', '--param', 'x=1')
  expect(param.code).toBe(2)
  const environment = await home.run('run', 'pump', '--env', 'prod')
  expect(environment.code).toBe(2)
  expect((await home.json<object>('runs')).value).toEqual({ runs: [] })
})

test('Ctrl-C cancels the run, proves its end, and exits 3', async () => {
  home.write(
    'pipelines/long.yaml',
    'name: long\ntasks: { a: { host: worker, run: "echo $$ > $HOME/pid; echo ready; sleep 300" } }\n',
  )
  const running = home.start('run', 'long')
  await running.until(/running {2}a/)
  const log = home.start('logs', 'latest', 'a', '-f')
  await log.until(/ready/)
  running.child.kill('SIGINT')
  const { code, stdout } = await running.ended
  expect(stdout).toContain('Cancelling')
  expect(code).toBe(3)
  const pid = Number(readFileSync(join(home.dir, 'pid'), 'utf8'))
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
  expect((await home.json<RunJson>('show')).value.state).toBe('cancelled')
})

test('a cancel and a followed log end well when the run that was their engine ends first', async () => {
  home.write(
    'pipelines/long.yaml',
    'name: long\ntasks:\n  a: { host: worker, run: "echo ready; sleep 300" }\n  b: { needs: [a], host: worker, run: echo }\n',
  )
  const running = home.start('run', 'long', '--json')
  const followed = home.start('logs', 'latest', 'a', '-f')
  const early = await Promise.race([followed.ended, followed.until(/ready/).then(() => null)])
  // Asked before the run was recorded: then there is no run to follow yet.
  const log = early === null ? followed : home.start('logs', 'latest', 'a', '-f')
  await log.until(/ready/)
  const notYet = home.start('logs', 'latest', 'b', '-f')
  const cancelled = await home.run('cancel', 'latest', '--reason', 'enough')
  expect(cancelled).toMatchObject({ code: 0, stderr: '' })
  expect(cancelled.stdout).toContain('cancelled')
  expect(await log.ended).toMatchObject({ code: 0, stdout: 'ready\n', stderr: '' })
  expect(await notYet.ended).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^b has not run, so it has no log: it is cancelled/) as string,
  })
  expect((await running.ended).code).toBe(3)
  for (const command of ['explain', 'show']) {
    expect((await home.run(command)).stdout).toMatch(/^Cancelled by \S+: enough$/m)
  }
})

test('failures beside the first one are named', async () => {
  home.write(
    'pipelines/two.yaml',
    'name: two\ntasks: { a: { host: worker, run: exit 3 }, b: { host: worker, run: exit 3 } }\n',
  )
  const { code, stdout } = await home.run('run', 'two')
  expect(code).toBe(1)
  expect(stdout).toMatch(/✗ a failed[^]*Failed too: b\n|✗ b failed[^]*Failed too: a\n/)
})

test('a followed log whose engine was killed says that it is not whole', async () => {
  home.write(
    'pipelines/long.yaml',
    'name: long\ntasks: { a: { host: worker, run: "echo ready; sleep 300" } }\n',
  )
  const running = home.start('run', 'long')
  await running.until(/running {2}a/)
  const log = home.start('logs', 'latest', 'a', '-f')
  await log.until(/ready/)
  running.child.kill('SIGKILL')
  const { code, stdout, stderr } = await log.ended
  expect({ code, stdout }).toEqual({ code: 4, stdout: 'ready\n' })
  expect(stderr).toContain('The link to the engine is closed')
  expect((await home.run('cancel', 'latest')).code).toBe(0)
})

test('--detach without an engine that stays exits 4 and starts nothing', async () => {
  home.write('pipelines/p.yaml', 'name: p\ntasks: { a: { host: worker, run: echo } }\n')
  const { code, stderr } = await home.run('run', 'p', '--detach')
  expect(code).toBe(4)
  expect(stderr).toContain('sluice serve')
  expect((await home.json<object>('runs')).value).toEqual({ runs: [] })
})

test('a run whose engine was killed goes on in the next one, and starts nothing twice', async () => {
  home.write(
    'pipelines/long.yaml',
    `name: long
tasks:
  a: { host: worker, run: '${counted('a', 'echo one; while [ ! -f "$HOME/go" ]; do sleep 0.1; done; echo two')}' }
  b: { needs: [a], host: worker, run: '${counted('b', 'true')}' }
`,
  )
  home.write(
    'pipelines/other.yaml',
    `name: other
tasks:
  x: { host: worker, run: 'touch "$HOME/go"' }
  y: { needs: [x], host: worker, run: 'while [ "$(grep -c b "$HOME/count")" = 0 ]; do sleep 0.1; done' }
`,
  )
  const first = home.start('run', 'long')
  const [, id] = await first.until(/^Run (\S+)/)
  await first.until(/running {2}a/)
  const follower = home.start('logs', 'latest', 'a', '-f')
  await follower.until(/one/)
  first.child.kill('SIGKILL')
  await first.ended
  const second = await home.run('run', 'other')
  expect(second.stdout).toContain('Also goes on with 1 unfinished run.')
  expect(second.code).toBe(0)
  expect(counts()).toEqual({ a: 1, b: 1 })
  // The last task has run; its end may have been recorded by the engine that just left, or be so by the next.
  const shown = await home.json<RunJson>('show', id ?? '')
  expect(shown.value.tasks.map(({ attempts }) => attempts.length)).toEqual([1, 1])
  expect((await home.run('logs', id ?? '', 'a')).stdout).toBe('one\ntwo\n')
})
