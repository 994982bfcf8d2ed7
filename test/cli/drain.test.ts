// The drain of an engine that is not up: whoever asks for it opens one, which must start nothing before it holds.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunJson } from '../../electron/cli/run-json.ts'
import { openTestHome } from './sluice-process.ts'
import type { TestHome } from './sluice-process.ts'

const workspace = (slots: number): string =>
  `environments: { dev: { hosts: { worker: local }, slots: ${slots} } }\n`
const waits = 'while [ -d "$HOME" ] && [ ! -f "$HOME/go" ]; do sleep 0.1; done'

/** A home whose engine was killed while `b` waited for the slot that `a` had; there is room for both by now. */
async function killedWithQueuedWork(home: TestHome): Promise<string> {
  home.write('sluice.yaml', workspace(1))
  home.write(
    'pipelines/two.yaml',
    `tasks:
  a: { host: worker, priority: 1, run: ': > "$HOME/a"; ${waits}' }
  b: { host: worker, run: ': > "$HOME/b"' }
`,
  )
  const server = home.start('serve')
  await server.until(/Ctrl-C ends it/)
  const run = (await home.run('run', 'two', '--detach')).stdout.trim()
  await expect.poll(() => existsSync(join(home.dir, 'a')), { timeout: 60_000 }).toBe(true)
  server.child.kill('SIGKILL')
  await server.ended
  home.write('sluice.yaml', workspace(2))
  return run
}

const startsOf = (run: RunJson, task: string): number =>
  run.tasks.find((one) => one.task === task)?.attempts.length ?? -1

test('a drain with no engine up holds before anything starts', async () => {
  const home = openTestHome()
  try {
    const run = await killedWithQueuedWork(home)
    const drain = home.start('drain', '--wait', '--json')
    // It waits for what runs, so it is up and has looked at what could start.
    await expect
      .poll(async () => (await home.run('hosts')).stderr, { timeout: 60_000 })
      .toContain('The engine is draining (1 attempt still held)')
    writeFileSync(join(home.dir, 'go'), '')
    const { code, stdout } = await drain.ended
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ drain: { kind: 'drained', running: 0 } })
    const { value } = await home.json<RunJson>('show', run)
    expect([startsOf(value, 'a'), startsOf(value, 'b')]).toEqual([1, 0])
    expect(existsSync(join(home.dir, 'b'))).toBe(false)
    const audit = (await home.run('audit')).stdout
    expect(audit.match(/engine\.draining/g)).toHaveLength(1)
  } finally {
    await home.close()
  }
})

test('a host that is drained with no engine up is drained once what runs there has ended, no sooner', async () => {
  const home = openTestHome()
  try {
    const run = await killedWithQueuedWork(home)
    const now = await home.json<{ cordon: { kind: string }; used: number }>(
      'hosts',
      'drain',
      'local',
    )
    expect(now.value).toMatchObject({ cordon: { kind: 'draining' }, used: 1 })
    const drain = home.start('hosts', 'drain', 'local', '--wait', '--json')
    writeFileSync(join(home.dir, 'go'), '')
    expect(JSON.parse((await drain.ended).stdout)).toMatchObject({
      cordon: { kind: 'drained' },
      used: 0,
    })
    const { value } = await home.json<RunJson>('show', run)
    expect([startsOf(value, 'a'), startsOf(value, 'b')]).toEqual([1, 0])
  } finally {
    await home.close()
  }
}, 120_000)
