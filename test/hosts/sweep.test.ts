// H9: what a lost Sluice left on a host goes after a month, and nothing else does. Time passes by back-dated files.
import {
  existsSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import type { HostSweep } from '../../shared/api/views.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import { entriesBelow } from '../helpers/entries-below.ts'
import { hostName, openHostKit, order, type HostKit } from '../helpers/host-kit.ts'

const dayMs = 86_400_000

interface World {
  folder: string
  at: (...parts: string[]) => string
  home: (client: string) => Promise<HostKit>
  age: (path: string, days: number) => void
  /** Everything of an attempt that is there. */
  ageAttempt: (key: AttemptKey, days: number) => void
  /** A home that needs nothing here visits, which makes it sweep. */
  sweep: () => Promise<void>
}

function openWorld(): World {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-sweep-'))
  const folder = join(dir, 'host')
  const transport = localTransport({ env: { PATH: process.env['PATH'] ?? '', HOME: dir } })
  const at = (...parts: string[]): string => join(folder, ...parts)
  const age = (path: string, days: number): void => {
    const then = new Date(Date.now() - days * dayMs)
    lutimesSync(path, then, then)
  }
  const home = async (client: string): Promise<HostKit> => {
    const kit = await openHostKit({ transport, folder, client })
    onTestFinished(() => kit.close())
    return kit
  }
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  let visits = 0
  return {
    folder,
    at,
    home,
    age,
    ageAttempt(key, days) {
      const work = readFileSync(at('own', key), 'utf8').split(/\s/)[4] ?? ''
      for (const kind of ['own', 'exit', 'log', 'script']) {
        if (existsSync(at(kind, key))) age(at(kind, key), days)
      }
      age(at('work', work), days)
    },
    async sweep() {
      // Files go last: once this one is away, the sweep has passed everything.
      const sign = at('files', `${'0'.repeat(63)}${visits++}`)
      writeFileSync(sign, '')
      age(sign, 32)
      const visitor = await openHostKit({ transport, folder, client: `visitor${visits}` })
      const once = { run: 'true', env: {}, timeoutMs: null }
      await visitor.fleet.runOnce(hostName, once, AbortSignal.timeout(30_000))
      await expect.poll(() => existsSync(sign), { timeout: 60_000 }).toBe(false)
      await visitor.close()
    },
  }
}

const entriesOf = ({ folder }: World): string[] => entriesBelow(folder).map(({ path }) => path)

test('H9: an attempt that a lost home left goes after a month, with all that belongs to it', async () => {
  const world = openWorld()
  const lost = await world.home('lost')
  const [ended, failed, cancelled] = [order('echo end >file'), order('exit 3'), order('sleep 60')]
  await lost.run(ended)
  await lost.run(failed)
  lost.start(cancelled)
  await lost.report('started', cancelled.key)
  lost.fleet.cancel(hostName, cancelled.key, 100)
  await lost.report('log_closed', cancelled.key)
  const keys = [ended, failed, cancelled].map((one) => one.key)
  expect(existsSync(world.at('stop', `${failed.key}.snapshot`))).toBe(true)
  await lost.close()
  for (const key of keys) world.ageAttempt(key, 29)
  await world.sweep()
  expect(keys.every((key) => existsSync(world.at('log', key)))).toBe(true)
  for (const key of keys) world.ageAttempt(key, 32)
  await world.sweep()
  expect(entriesOf(world).filter((name) => keys.some((key) => name.includes(key)))).toEqual([])
  expect(
    readdirSync(world.at('work')).filter((name) => existsSync(world.at('work', name, 'file'))),
  ).toEqual([])
})

test('H9: what runs is never swept, and what ended lately is not, however long ago it began', async () => {
  const world = openWorld()
  const away = await world.home('away')
  const [long, running] = [order('echo log of weeks'), order('exec sleep 300')]
  await away.run(long)
  away.start(running)
  await away.report('started', running.key)
  away.fleet.close()
  world.ageAttempt(running.key, 400)
  world.ageAttempt(long.key, 400)
  world.age(world.at('exit', long.key), 3)
  await world.sweep()
  expect(readFileSync(world.at('log', long.key), 'utf8')).toBe('log of weeks\n')
  const back = await world.home('away')
  back.fleet.watch(hostName, running)
  await back.report('started', running.key)
  back.fleet.cancel(hostName, running.key, 100)
  expect((await back.report('ended', running.key)).end.outcome).toBe('cancelled')
})

test('H9: two homes on one host leave each other what is theirs', async () => {
  const world = openWorld()
  const [here, there] = [await world.home('here'), await world.home('there')]
  const [old, young] = [order('echo old'), order('echo young')]
  await there.run(young)
  await here.run(old)
  world.ageAttempt(young.key, 20)
  await world.sweep()
  // Each goes on after the other's visits and sweeps.
  expect((await here.run(order('echo again'))).log.toString()).toBe('again\n')
  expect((await there.run(order('echo again'))).log.toString()).toBe('again\n')
  expect(existsSync(world.at('log', young.key))).toBe(true)
  expect(existsSync(world.at('log', old.key))).toBe(true)
})

test('H9: what belongs to no attempt is swept too, and a task keeps its files whatever their names', async () => {
  const world = openWorld()
  const owner = await world.home('owner')
  const running = order('touch agent-settings.json .spare-tyres; echo made; exec sleep 300')
  owner.start(running)
  await owner.report('started', running.key)
  await expect
    .poll(
      () =>
        existsSync(world.at('log', running.key)) &&
        readFileSync(world.at('log', running.key), 'utf8'),
    )
    .toBe('made\n')
  const work = readFileSync(world.at('own', running.key), 'utf8').split(/\s/)[4] ?? ''
  const kept = ['agent-settings.json', '.spare-tyres'].map((name) => world.at('work', work, name))
  const orphan = '20250101-000000-orphanor.task.x.1'
  const orphans = [
    ...['exit', 'log', 'script', 'stop'].map((kind) => world.at(kind, orphan)),
    ...['times', 'snapshot'].map((kind) => world.at('stop', `${orphan}.${kind}`)),
    world.at('files', 'f'.repeat(64)),
    world.at('files', `.${'f'.repeat(64)}.123`),
    world.at('lease', 'gonehome'),
    world.at('agent-0123456789abcdef.sh'),
    world.at('agent-0123456789abcdef.sh.4711'),
    world.at('.spare-4711'),
    world.at('.box-4711'),
    world.at('.gone-4711'),
    world.at('.snapshot'),
    world.at('.looking'),
  ]
  for (const path of orphans) writeFileSync(path, 'left')
  const link = world.at('stop', `${orphan}.fetch`)
  symlinkSync('/nowhere', link)
  // Its agent is dead, and a release could not empty it.
  const folder = world.at('work', '4999999-1.1')
  mkdirSync(join(folder, 'sub'), { recursive: true })
  writeFileSync(join(folder, 'sub', 'file'), 'left')
  for (const path of [...orphans, ...kept, link, folder]) world.age(path, 32)
  // Those of an agent that lives stand ready for a start.
  const ready = readdirSync(world.at('work')).filter(
    (name) => name !== work && name !== '4999999-1.1',
  )
  for (const name of ready) world.age(world.at('work', name), 32)
  await world.sweep()
  expect([...orphans, link, folder].filter((path) => existsSync(path))).toEqual([])
  expect(readdirSync(world.at('stop')).filter((name) => name.includes('orphanor'))).toEqual([])
  expect(kept.filter((path) => existsSync(path))).toEqual(kept)
  expect(ready.filter((name) => existsSync(world.at('work', name)))).toEqual(ready)
  expect((await owner.run(order('pwd && touch here && ls'))).log.toString()).toMatch(/here\n$/)
  owner.fleet.cancel(hostName, running.key, 100)
  await owner.report('ended', running.key)
})

test('H9: a sweep that a person asks for names what would go, then removes it, and leaves what is wanted here', async () => {
  const world = openWorld()
  const lost = await world.home('lost')
  const [left, wanted] = [order('echo left'), order('echo wanted; exit 1')]
  await lost.run(left)
  await lost.close()
  const here = await world.home('here')
  await here.run(wanted)
  for (const { key } of [left, wanted]) world.ageAttempt(key, 10)
  const orphan = world.at('files', 'a'.repeat(64))
  writeFileSync(orphan, 'left')
  world.age(orphan, 10)
  const { signal } = new AbortController()
  const sweep = (days: number, isPreview: boolean): Promise<HostSweep> =>
    here.fleet.sweep(hostName, { days, isPreview }, signal)
  expect(await sweep(11, false)).toMatchObject({ attempts: [], files: [] })
  const preview = await sweep(9, true)
  expect(preview.attempts).toEqual([{ key: left.key, logBytes: expect.any(Number) }])
  expect(preview.files).toContain(`files/${'a'.repeat(64)}`)
  expect(existsSync(world.at('log', left.key)) && existsSync(orphan)).toBe(true)
  expect((await sweep(9, false)).attempts.map(({ key }) => key)).toEqual([left.key])
  expect(existsSync(world.at('log', left.key)) || existsSync(orphan)).toBe(false)
  expect(readFileSync(world.at('log', wanted.key), 'utf8')).toBe('wanted\n')
  expect(await sweep(9, false)).toMatchObject({ attempts: [], files: [] })
})

test('H9: a month of use leaves nothing behind that grows', async () => {
  const world = openWorld()
  const user = await world.home('user')
  await user.run(order('true'))
  const before = entriesOf(world).length
  const orders = Array.from({ length: 60 }, (_, index) =>
    order(`echo ${index}; exit $((${index} % 3))`),
  )
  for (const one of orders) user.start(one)
  for (const one of orders) await user.report('log_closed', one.key)
  for (const one of orders) user.fleet.release(hostName, one.key)
  for (const one of orders) await user.report('released', one.key)
  // Folders that were made ahead, the one shared snapshot.
  expect(entriesOf(world).length - before).toBeLessThan(40)
})
