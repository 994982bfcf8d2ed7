// H3: the end record holds the peak memory of an attempt, as far as looking at it while it lived could tell.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hostName, order } from '../helpers/host-kit.ts'
import { busybox, busyboxTools, linkTo, localSubject, opened, type Subject } from './subjects.ts'

const mb = 1024 * 1024
/** So many MB in the memory of one shell, for as long as the file `go` is not there. */
const fill = (megabytes: number): string =>
  `x=$(head -c ${megabytes * mb} /dev/zero | tr '\\0' x); until [ -e ../../go ]; do sleep 0.1; done`

const kinds: [string, () => Promise<Subject>, string | null][] = [
  ['the sh of this system', () => localSubject(), null],
  ['mksh', () => localSubject(linkTo('/bin/mksh')), existsSync('/bin/mksh') ? null : 'no mksh'],
  [
    'busybox alone',
    () =>
      localSubject((dir) => {
        const bin = busyboxTools(dir)
        return { SLUICE_SH: join(bin, 'ash'), PATH: bin }
      }),
    busybox === null ? 'no busybox' : null,
  ],
]

describe.skipIf(process.platform !== 'linux')('peak memory', () => {
  for (const [name, open, skip] of kinds) {
    test.skipIf(skip !== null)(
      `H3: an end says how much memory its attempt took at least, all its processes together: ${name}`,
      async () => {
        const { kit, at } = await opened(open)
        const child = fill(20)
        const one = order(`(setsid sh -c '${child.replaceAll("'", `'"'"'`)}') & ${child}; wait`)
        const other = order(fill(1))
        for (const each of [one, other]) kit.start(each)
        await expect
          .poll(() => peakOf(at('stop', `${one.key}.peak`)), { timeout: 60_000 })
          .toBeGreaterThan(40 * mb)
        await kit.report('started', other.key)
        await expect
          .poll(() => peakOf(at('stop', `${other.key}.peak`)), { timeout: 60_000 })
          .toBeGreaterThan(mb)
        kit.start(order('touch ../../go'))
        const { end } = await kit.report('ended', one.key)
        expect(end.peakBytes).toBeGreaterThan(40 * mb)
        expect(end.peakBytes).toBeLessThan(150 * mb)
        expect((await kit.report('ended', other.key)).end.peakBytes).toBeLessThan(20 * mb)
        for (const each of [one, other]) {
          await kit.report('log_closed', each.key)
          kit.fleet.release(hostName, each.key)
          await kit.report('released', each.key)
        }
        expect(readdirSync(at('stop')).filter((file) => file.endsWith('.peak'))).toEqual([])
      },
    )
  }

  test('nobody looks where nothing runs, and the one who looks outlives the channel', async () => {
    const { kit, at } = await opened(() => localSubject())
    const one = order(fill(5))
    kit.start(one)
    await kit.report('started', one.key)
    const watchers = (): string[] =>
      readdirSync(at('.')).filter((file) => file.startsWith('.memory-'))
    await expect.poll(watchers).toHaveLength(1)
    kit.link.refuse = new Error('cut')
    kit.link.cut()
    await expect
      .poll(() => peakOf(at('stop', `${one.key}.peak`)), { timeout: 60_000 })
      .toBeGreaterThan(5 * mb)
    kit.link.refuse = null
    kit.start(order('touch ../../go'))
    expect((await kit.report('ended', one.key)).end.peakBytes).toBeGreaterThan(5 * mb)
    await expect.poll(watchers, { timeout: 90_000 }).toEqual([])
  })
})

function peakOf(file: string): number {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
}
