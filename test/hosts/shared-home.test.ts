// Several machines with one home folder, as NFS gives it: what is bound to one machine stays that machine's. Each is a set of
// namespaces of its own: name, processes, boot id.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import { hostName, openHostKit, order, type HostKit } from '../helpers/host-kit.ts'

const canUnshare = spawnSync('unshare', ['-muipf', '--mount-proc', 'true']).status === 0

describe.skipIf(!canUnshare)(
  `two machines with one home${canUnshare ? '' : ': no namespaces'}`,
  () => {
    let home: string
    const at = (...parts: string[]): string => join(home, 'sluice', ...parts)
    beforeEach(() => {
      home = mkdtempSync(join(tmpdir(), 'sluice-nfs-'))
      onTestFinished(() => rmSync(home, { recursive: true, force: true }))
    })
    const kitOn = async (shell: string): Promise<HostKit> => {
      const env = { PATH: process.env['PATH'] ?? '', HOME: home }
      const transport = localTransport({ env, shell })
      const kit = await openHostKit({ transport, folder: at() })
      onTestFinished(() => kit.close())
      return kit
    }

    test('H3, H4: one machine takes nothing of the other for dead, and ends are heard at once on both', async () => {
      const [one, two] = [
        await kitOn(await machine(home, 'one')),
        await kitOn(await machine(home, 'two')),
      ]
      const [here, there] = ['one', 'two'].map((name) =>
        // With a lease each: renewals of one machine are none of the other's.
        order(`until [ -e ${at(`go-${name}`)} ]; do sleep 0.1; done; hostname`, { leaseMs: 3000 }),
      )
      for (const [kit, each] of [
        [one, here],
        [two, there],
      ] as const) {
        kit.start(each!)
        await kit.report('started', each!.key)
      }
      expect(readdirSync(at('inbox'))).toHaveLength(2)
      // A third time an agent comes up, and looks whose boxes there are.
      one.link.cut()
      await expect.poll(() => one.link.connects).toBe(2)
      await one.run(order('sleep 4'))
      expect(readdirSync(at('inbox'))).toHaveLength(2)
      for (const [kit, each, name] of [
        [one, here, 'one'],
        [two, there, 'two'],
      ] as const) {
        const links = kit.link.connects
        const beganAt = performance.now()
        writeFileSync(at(`go-${name}`), '')
        expect((await kit.report('ended', each!.key)).end).toMatchObject({
          outcome: 'exited',
          exit: 0,
        })
        // By a notice, not by a link that was made again nor by a look every half minute.
        expect(performance.now() - beganAt).toBeLessThan(20_000)
        expect(kit.link.connects).toBe(links)
        await kit.report('log_closed', each!.key)
        expect((await kit.wholeLog(each!.key)).toString()).toBe(`${name}\n`)
      }
    })

    test('E4, H4: what the other machine runs is neither lost nor started again, and its end comes by the home', async () => {
      const [first, second] = [await machine(home, 'login1'), await machine(home, 'login2')]
      const one = order(`echo x >>${at('count')}; until [ -e ${at('go')} ]; do sleep 0.1; done`)
      const before = await kitOn(first)
      before.start(one)
      await before.report('started', one.key)
      before.fleet.close()
      // The same name leads to another machine now.
      const after = await kitOn(second)
      after.fleet.watch(hostName, one)
      const { why } = await after.report('elsewhere', one.key)
      expect(why).toContain('was started on login1, and this link leads to another machine')
      const again = await kitOn(second)
      again.start(one)
      await again.report('elsewhere', one.key)
      again.fleet.close()
      writeFileSync(at('go'), '')
      await expect.poll(() => existsSync(at('exit', one.key)), { timeout: 20_000 }).toBe(true)
      after.link.cut()
      expect((await after.report('ended', one.key)).end).toMatchObject({
        outcome: 'exited',
        exit: 0,
      })
      expect(readFileSync(at('count'), 'utf8')).toBe('x\n')
    })

    test('H4: a reboot of the machine itself is one, and its old box goes', async () => {
      const one = order('sleep 300')
      const before = await kitOn(await machine(home, 'one'))
      before.start(one)
      await before.report('started', one.key)
      before.fleet.close()
      const [box = ''] = readdirSync(at('inbox'))
      const after = await kitOn(await machine(home, 'one'))
      after.fleet.watch(hostName, one)
      expect((await after.report('ended', one.key)).end).toMatchObject({ cause: 'host_rebooted' })
      expect(readdirSync(at('inbox'))).not.toContain(box)
    })
  },
)

let machines = 0
/** Starts one; gives a shell that runs there. */
async function machine(home: string, name: string): Promise<string> {
  const dir = join(home, `machine-${++machines}`)
  const boot = `${dir}.boot`
  writeFileSync(boot, `${randomUUID()}\n`)
  const begin = 'hostname "$1"; mount --bind "$2" /proc/sys/kernel/random/boot_id; echo up'
  // As init does: it waits for orphans.
  const idle = `exec perl -e 'while (1) { wait() > 0 or select undef, undef, undef, 0.2 }'`
  const child = spawn(
    'unshare',
    [
      '--uts',
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
      'sh',
      '-c',
      `${begin}; ${idle}`,
      'sh',
      name,
      boot,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  const init = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()
  writeFileSync(`${dir}.sh`, `#!/bin/sh\nexec nsenter -t ${init} -m -u -p -- /bin/sh "$@"\n`)
  chmodSync(`${dir}.sh`, 0o755)
  execFileSync(`${dir}.sh`, ['-c', 'true'])
  return `${dir}.sh`
}
