// H9: what a failed attempt left on its host stays for some days, for who looks into it. Time passes by back-dated folders.
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import { hostName, openHostKit, order, type HostKit } from '../helpers/host-kit.ts'

const dayMs = 86_400_000

interface World {
  kit: HostKit
  folder: string
  /** Keys of the folders that are kept, of whatever days. */
  kept: () => AttemptKey[]
  /** The folder of that one, kept for `days`, was left so many days ago. */
  age: (key: AttemptKey, days: number, agoDays: number) => void
  /** Runs it to its end and lets the host forget it. */
  finish: (script: string) => Promise<AttemptKey>
}

async function openWorld(options: { keepFailedDays?: number; path?: string } = {}): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice kept '))
  const folder = join(dir, 'host')
  const PATH = `${options.path ?? ''}${process.env['PATH'] ?? ''}`
  const transport = localTransport({ env: { PATH, HOME: dir } })
  const { keepFailedDays } = options
  const days = keepFailedDays === undefined ? {} : { keepFailedDays }
  const kit = await openHostKit({ transport, folder, ...days })
  onTestFinished(async () => {
    await kit.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const entries = (path: string): string[] => (existsSync(path) ? readdirSync(path) : [])
  return {
    kit,
    folder,
    kept: () =>
      entries(join(folder, 'kept')).flatMap((one) =>
        readdirSync(join(folder, 'kept', one)).map((key) => key as AttemptKey),
      ),
    age(key, keptDays, agoDays) {
      const then = new Date(Date.now() - agoDays * dayMs - 60_000)
      utimesSync(join(folder, 'kept', `${keptDays}`, key), then, then)
    },
    async finish(script) {
      const one = order(script)
      await kit.run(one)
      kit.fleet.release(hostName, one.key)
      await kit.report('released', one.key)
      return one.key
    },
  }
}

test('it goes when its days are over, as the workspace says', async () => {
  const { kept, age, finish } = await openWorld({ keepFailedDays: 5 })
  const old = await finish('echo 1 >a; exit 1')
  const young = await finish('echo 2 >a; exit 1')
  expect(new Set(kept())).toEqual(new Set([old, young]))
  age(old, 5, 5)
  age(young, 5, 4)
  const last = await finish('echo 3 >a; exit 1')
  expect(new Set(kept())).toEqual(new Set([young, last]))
})

test('of many the newest ten stay', async () => {
  const { kept, age, finish } = await openWorld()
  const keys: AttemptKey[] = []
  for (let index = 0; index < 12; index++) {
    keys.push(await finish('echo x >a; exit 1'))
    // Seconds apart, as ls tells them.
    keys.forEach((key, at) => {
      if (kept().includes(key)) age(key, 3, (12 - at) / 24)
    })
  }
  expect(new Set(kept())).toEqual(new Set(keys.slice(2)))
})

test('of many that are released together the last ten stay', async () => {
  const { kit, kept, finish } = await openWorld()
  const before = await finish('echo x >a; exit 1')
  expect(kept()).toEqual([before])
  const orders = Array.from({ length: 13 }, () => order('echo x >a; exit 1'))
  for (const one of orders) kit.start(one)
  for (const { key } of orders) await kit.report('log_closed', key)
  for (const { key } of orders) kit.fleet.release(hostName, key)
  for (const { key } of orders) await kit.report('released', key)
  expect(new Set(kept())).toEqual(new Set(orders.slice(3).map(({ key }) => key)))
})

test('nothing is kept where the workspace wants none, and nothing of a task that was cancelled', async () => {
  const none = await openWorld({ keepFailedDays: 0 })
  await none.finish('echo 1 >a; exit 1')
  expect(none.kept()).toEqual([])
  const { kit, kept } = await openWorld()
  const one = order('echo 1 >a; exec sleep 60')
  kit.start(one)
  await kit.report('started', one.key)
  kit.fleet.cancel(hostName, one.key, 1_000)
  await kit.report('log_closed', one.key)
  kit.fleet.release(hostName, one.key)
  await kit.report('released', one.key)
  expect(kept()).toEqual([])
})

test('on a disk that is nearly full nothing is kept, nor what was', async () => {
  const { path, fill } = fillingDisk()
  const { kit, kept, finish, folder } = await openWorld({ path: `${path}:` })
  const before = await finish('echo 1 >a; exit 1')
  expect(kept()).toEqual([before])
  fill('91%')
  await finish('echo 2 >a; exit 1')
  expect(kept()).toEqual([])
  expect(
    readdirSync(join(folder, 'work')).filter((one) => existsSync(join(folder, 'work', one, 'a'))),
  ).toEqual([])
  // Also where nothing fails, and when the host is swept.
  fill('89%')
  await finish('echo 3 >a; exit 1')
  expect(kept()).toHaveLength(1)
  fill('91%')
  await finish('true')
  expect(kept()).toEqual([])
  fill('89%')
  await finish('echo 4 >a; exit 1')
  expect(kept()).toHaveLength(1)
  fill('91%')
  await kit.fleet.sweep(hostName, { days: 7, isPreview: false }, AbortSignal.timeout(30_000))
  expect(kept()).toEqual([])
})

test.each([
  ['No space left on device', []],
  ['Disk quota exceeded', []],
  ['Permission denied', ['before']],
])('a start that is refused with "%s" leaves of what was kept %j', async (said, left) => {
  const tools = mkdtempSync(join(tmpdir(), 'sluice-dd-'))
  onTestFinished(() => rmSync(tools, { recursive: true, force: true }))
  writeFileSync(
    join(tools, 'dd'),
    `#!/bin/sh\ncase "$*" in *.try*) echo 'dd: ${said}' >&2; exit 1 ;; esac\nexec /bin/dd "$@"\n`,
  )
  chmodSync(join(tools, 'dd'), 0o755)
  const { kit, kept, finish, folder } = await openWorld({ path: `${tools}:` })
  const before = await finish('echo 1 >a; exit 1')
  const script = join(folder, 'script')
  rmSync(script, { recursive: true })
  writeFileSync(script, 'no folder')
  expect((await kit.run(order('true'))).end).toMatchObject({ outcome: 'not_started' })
  expect(kept()).toEqual(left.length === 0 ? [] : [before])
})

/** Tools of a host whose disk is as full as is said. */
function fillingDisk(): { path: string; fill: (capacity: string) => void } {
  const path = mkdtempSync(join(tmpdir(), 'sluice-df-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  // A shell remembers where it has found a tool, so it is there from the start.
  const full = join(path, 'full')
  writeFileSync(
    join(path, 'df'),
    `#!/bin/sh\n[ -e '${full}' ] || exec /bin/df "$@"\nread -r capacity <'${full}'\necho Filesystem 1024-blocks Used Available Capacity Mounted on\necho "/dev/x y 1000 905 95 $capacity /"\n`,
  )
  chmodSync(join(path, 'df'), 0o755)
  return { path, fill: (capacity) => writeFileSync(full, `${capacity}\n`) }
}

test('what is above a gibibyte goes with its attempt', async () => {
  const tools = mkdtempSync(join(tmpdir(), 'sluice-du-'))
  onTestFinished(() => rmSync(tools, { recursive: true, force: true }))
  const { kept, finish } = await openWorld({ path: `${tools}:` })
  writeFileSync(join(tools, 'du'), '#!/bin/sh\nprintf "1048577\\t$2\\n"\n')
  chmodSync(join(tools, 'du'), 0o755)
  await finish('echo 2 >a; exit 1')
  expect(kept()).toEqual([])
})

test('a sweep that a person asks for names it, and takes it', async () => {
  const { kit, kept, age, finish } = await openWorld({ keepFailedDays: 30 })
  const key = await finish('echo 1 >a; exit 1')
  age(key, 30, 8)
  const signal = AbortSignal.timeout(30_000)
  const wish = { days: 7, isPreview: true }
  expect((await kit.fleet.sweep(hostName, wish, signal)).files).toContain(`kept/30/${key}`)
  expect(kept()).toEqual([key])
  await kit.fleet.sweep(hostName, { days: 7, isPreview: false }, signal)
  expect(kept()).toEqual([])
})
