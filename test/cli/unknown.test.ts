// A host that goes away under a task, seen and decided by the command; and a shell on the host when it is back.
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunJson, TaskJson } from '../../electron/cli/run-json.ts'
import type { TestSshd } from '../helpers/sshd.ts'
import { skipReason, startSshd } from '../helpers/sshd.ts'
import type { Running, TestHome } from './sluice-process.ts'
import { noTerminal, openTestHome } from './sluice-process.ts'
import { untilRun } from './until-run.ts'

describe.skipIf(skipReason !== null)('over real sshd', () => {
  let home: TestHome
  let host: TestSshd
  let server: Running

  beforeAll(async () => {
    home = openTestHome()
    host = await startSshd({ dir: join(home.dir, 'ssh'), name: 'edge' })
    home.env['SLUICE_SSH_CONFIG'] = host.configFile
    home.write('sluice.yaml', 'hosts: { edge: { ssh: edge } }\nenvironments: { dev: {} }\n')
    home.write(
      'pipelines/far.yaml',
      `tasks:
  a: { host: edge, on_unknown: ask, grace: 1s, env: { COLOUR: blue }, run: 'echo here > mark; : > "$HOME/up"; while [ -d "$HOME" ] && [ ! -f "$HOME/go" ]; do sleep 0.1; done' }
`,
    )
    server = home.start('serve')
    await server.until(/Ctrl-C ends it/)
  })

  afterAll(async () => {
    writeFileSync(join(host.home, 'go'), '')
    server.child.kill('SIGTERM')
    await server.ended
    await host.stop()
    await home.close()
  })

  /** Until the first task, as scripts see it, is so. */
  const until = (run: string, isSo: (task: TaskJson) => boolean): Promise<RunJson> =>
    untilRun(home, run, ({ tasks: [task] }) => task !== undefined && isSo(task))

  /** A first task that runs there by now: before, its attempt has not started when the host goes. */
  const begin = async (): Promise<string> => {
    rmSync(join(host.home, 'up'), { force: true })
    const run = (await home.run('run', 'far', '--detach')).stdout.trim()
    await expect.poll(() => existsSync(join(host.home, 'up')), { timeout: 60_000 }).toBe(true)
    return run
  }

  test('an unknown outcome is shown with its policy and the ways out, and a person decides', async () => {
    const run = await begin()
    const early = await home.run('settle', run, 'a', 'fail')
    expect(early.code).toBe(2)
    await host.stop()
    await until(run, ({ state }) => state === 'unknown')
    const short = run.slice(-8)
    for (const args of [
      ['show', run],
      ['why', run, 'a'],
    ]) {
      const { stdout } = await home.run(...args)
      expect(stdout).toMatch(/\? a is unknown for \S+ s: /)
      expect(stdout).toContain('It waits for a person, without end:')
      expect(stdout).toContain(`    sluice settle ${short} a wait      note that you wait for it\n`)
      expect(stdout).toContain(`    sluice settle ${short} a fail `)
      expect(stdout).toContain('No other host can have it: it has no other host than edge.')
    }
    const shown = await home.json<RunJson>('show', run)
    expect(shown.value.tasks[0]?.attempts[0]?.unknown).toMatch(/\w/)
    const wrong = await home.run('settle', run, 'a', 'faill')
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('Did you mean "fail"? One of: wait, fail, failover.')
    expect((await home.run('settle', run, 'a', 'failover')).code).toBe(2)
    expect(await home.run('settle', run, 'a', 'wait')).toMatchObject({
      code: 0,
      stdout: 'It is noted; nothing else changes. It waits for its host or for you, without end.\n',
    })
    const settled = await home.json<RunJson>('settle', run, 'a', 'fail', '--reason', 'gone')
    expect(settled.code).toBe(0)
    expect(settled.value.tasks[0]).toMatchObject({ state: 'failed', attempts: [{ fence: 'due' }] })
    const failed = await home.run('show', run)
    expect(failed.stdout).toContain('a, attempt 1 on edge: its copy is not proved gone yet')
    const audit = await home.run('audit')
    expect(audit.stdout).toMatch(/unknown\.settled +\S+ a +decision=fail "gone"/)
    await host.restart()
    // Who asks for it is not kept waiting for the next try.
    expect((await home.run('hosts', 'check', 'edge')).code).toBe(0)
    // The run has ended long since; what is proved of its copy comes when the host has been asked.
    const fence = async (): Promise<unknown> =>
      (await home.json<RunJson>('show', run)).value.tasks[0]?.attempts[0]?.fence
    await expect.poll(fence, { timeout: 60_000 }).toBe('done')
    const fenced = await home.json<RunJson>('show', run)
    expect(fenced.value.tasks[0]?.attempts[0]).toMatchObject({ fence: 'done', survivors: [] })
    expect((await home.run('show', run)).stdout).not.toContain('proved gone yet')
  }, 120_000)

  test('without a terminal a shell is refused, and says so', async () => {
    const { code, stderr } = await home.run('shell', 'latest', 'a')
    expect(code).toBe(2)
    expect(stderr).toContain('A shell needs a terminal')
  })

  test.skipIf(noTerminal !== null)(
    "a shell opens in the attempt's folder with its environment, takes the size, and ends by exit or ~.",
    async () => {
      const run = await begin()
      const shell = home.onTerminal('shell', run, 'a')
      await shell.until(/On edge, in [^\n]*\n/)
      shell.type('cat mark; echo "colour=$COLOUR"; stty size; echo done=$((40+2))\r')
      await shell.until(/colour=blue\r+\n24 80\r+\ndone=42/)
      shell.type('exit\r')
      const { code, stdout } = await shell.ended
      expect(code).toBe(0)
      expect(stdout).toMatch(/\rhere\r+\n|\nhere\r+\n/)
      const hung = home.onTerminal('shell', run, 'a')
      await hung.until(/On edge, in /)
      hung.type('sleep 1000\r')
      await hung.until(/sleep 1000/)
      hung.type('\r~.')
      expect((await hung.ended).stdout).toMatch(/Left\.\r\n$/)
      const audit = await home.json<{ audit: { action: string; subject: string }[] }>('audit')
      const opened = audit.value.audit.filter(({ action }) => action === 'shell.opened')
      expect(opened).toHaveLength(2)
      expect(existsSync(join(host.home, 'go'))).toBe(false)
    },
    120_000,
  )
})
