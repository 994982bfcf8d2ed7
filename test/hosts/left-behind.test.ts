// H5 for an attempt that nobody cancelled: its shell was killed, and what it had started lives.
import { mkdtemp, rm } from 'node:fs/promises'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import { hostName, openHostKit, order } from '../helpers/host-kit.ts'
import type { HostKit } from '../helpers/host-kit.ts'

describe.skipIf(process.platform !== 'linux')('an agent whose notifier was killed', () => {
  test('leaves at the next ping, so that ends are heard at once and not by a look every half minute', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'sluice-deaf-'))
    const folder = join(dir, 'sluice')
    const kit = await openHostKit({ transport: localTransport(), folder })
    try {
      const one = order('sleep 2')
      kit.start(one)
      await kit.report('started', one.key)
      const [box = ''] = readdirSync(join(folder, 'inbox'))
      await killNotifier(box)
      const startedAt = performance.now()
      await kit.fleet.check(hostName, AbortSignal.timeout(20_000))
      expect((await kit.report('ended', one.key)).end).toMatchObject({ outcome: 'exited', exit: 0 })
      expect(performance.now() - startedAt).toBeLessThan(20_000)
      expect(kit.link.connects).toBe(2)
    } finally {
      await kit.close()
      await rm(dir, { recursive: true, force: true, maxRetries: 3 })
    }
  })
})

test.skipIf(process.platform !== 'linux')(
  'an agent whose notifier was killed leaves when it is asked about attempts, as each half minute',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'sluice-deaf-'))
    const kit = await openHostKit({ transport: localTransport(), folder: join(dir, 'sluice') })
    try {
      const one = order('until [ -e ../../go ]; do sleep 0.1; done')
      kit.start(one)
      await kit.report('started', one.key)
      const [box = ''] = readdirSync(join(dir, 'sluice', 'inbox'))
      await killNotifier(box)
      kit.fleet.watch(hostName, one)
      await expect.poll(() => kit.link.connects, { timeout: 10_000 }).toBe(2)
      writeFileSync(join(dir, 'sluice', 'go'), '')
      expect((await kit.report('ended', one.key)).end).toMatchObject({ outcome: 'exited', exit: 0 })
    } finally {
      await kit.close()
      await rm(dir, { recursive: true, force: true, maxRetries: 3 })
    }
  },
)

describe.skipIf(process.platform !== 'linux')('a task whose shell is killed', () => {
  let dir: string
  let kit: HostKit

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sluice-left-'))
    kit = await openHostKit({ transport: localTransport(), folder: join(dir, 'sluice') })
  })
  afterAll(async () => {
    await kit.close()
    await rm(dir, { recursive: true, force: true, maxRetries: 3 })
  })

  test('H5: what it had started is stopped before its end is told, or a retry would run beside it', async () => {
    const writer = 'while :; do echo more; sleep 0.1; done'
    const one = order(`(${writer}) &\nsetsid sh -c '${writer}' &\nsleep 0.5\nkill -KILL $$`, {
      graceMs: 500,
    })
    const { end, log, sha256 } = await kit.run(one)
    expect(end).toMatchObject({ outcome: 'signalled', signal: 'SIGKILL' })
    expect(bearers(one.key)).toEqual([])
    // A shell that outlives its `sleep` by a moment says so.
    expect(log.toString()).toMatch(/^more\n(more\n|Terminated\n)*$/)
    expect(sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  test('what a task leaves that ended by itself is its own business', async () => {
    const one = order('sleep 3 >/dev/null 2>&1 &\nexit 0')
    const { end } = await kit.run(one)
    expect(end).toMatchObject({ outcome: 'exited', exit: 0 })
    expect(bearers(one.key)).toHaveLength(1)
  })
})

/** A kill is not at once: a ping that overtakes it is answered, and the next one comes after 15 s. */
async function killNotifier(box: string): Promise<void> {
  const pid = Number(box.split('-')[2])
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => isAlive(pid)).toBe(false)
}

function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

/** Pids of living processes with the attempt's mark. */
function bearers(key: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const environ = readFileSync(`/proc/${pid}/environ`, 'latin1')
      return /^\d+$/.test(pid) && environ.split('\0').includes(`SLUICE_ATTEMPT=${key}`)
    } catch {
      return false
    }
  })
}
