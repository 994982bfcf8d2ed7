// Helpers of the ssh program that wait for an answer: each ends by itself once nobody is left to give or to take one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { startScripted } from '../helpers/scripted-sshd.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-askpass-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

interface Found {
  pid: number
  /** `ssh`, `askpass`, `cat`, `sh`. */
  name: string
}

/** All that a login by the ssh program has started: its processes inherit the name of the helper. */
function family(runtime: string): Found[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'latin1')
        if (!environment.includes(`SSH_ASKPASS=${runtime}/`)) return []
        return { pid: Number(pid), name: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() }
      } catch {
        return [] // it has ended by itself
      }
    })
}

/** An engine in a process of its own, whose login waits for an answer that nobody gives. */
async function waitingLogin(): Promise<{ engine: number; runtime: string }> {
  const server = await startScripted({
    onAuth(context) {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
      context.prompt([{ prompt: 'Code: ', echo: false }], () => context.reject())
    },
  })
  onTestFinished(() => server.stop())
  const runtime = join(dir, 'runtime')
  mkdirSync(runtime)
  const known = join(dir, 'known')
  writeFileSync(known, server.knownHosts)
  const root = join(import.meta.dirname, '../../electron')
  const script = join(dir, 'login.ts')
  writeFileSync(
    script,
    `import { openSshConfig } from '${root}/hosts/ssh-config.ts'
import { sshTransport } from '${root}/hosts/ssh-transport.ts'
import { openTrust } from '${root}/hosts/trust.ts'
import { systemClock as clock } from '${root}/system/clock.ts'
const env = { PATH: process.env.PATH, HOME: '${dir}', XDG_RUNTIME_DIR: '${runtime}' }
const ask = () => (console.log('asked'), new Promise(() => {}))
setInterval(() => {}, 1000)
const transport = sshTransport(${JSON.stringify(server.spec)}, {
  config: openSshConfig({ env, clock }), trust: openTrust('${known}'), clock, ask, byOpenSsh: true,
})
transport.connect(new AbortController().signal).catch((error) => console.log(error.message))
`,
  )
  const engine = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void engine.kill('SIGKILL'))
  await once(engine.stdout, 'data')
  return { engine: engine.pid ?? 0, runtime }
}

const kill = (all: readonly Found[]): void => {
  for (const { pid } of all) process.kill(pid, 'SIGKILL')
}

describe.skipIf(process.platform !== 'linux')('a helper that waits for an answer', () => {
  test.each([
    ['the engine is killed', 'engine'],
    ['the ssh that asks is killed', 'ssh'],
    ['the engine and the watcher of its ssh are killed', 'engine and watcher'],
  ])('ends within seconds when %s', async (_name, whom) => {
    const { engine, runtime } = await waitingLogin()
    const before = family(runtime)
    expect(before.map(({ name }) => name)).toEqual(expect.arrayContaining(['ssh', 'askpass']))
    if (whom === 'ssh') {
      kill(before.filter(({ name }) => name === 'ssh'))
    } else {
      process.kill(engine, 'SIGKILL')
      if (whom !== 'engine') kill(before.filter(({ name }) => name === 'sh'))
    }
    await expect.poll(() => family(runtime), { timeout: 20_000 }).toEqual([])
  })
})
