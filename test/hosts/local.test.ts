import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openHostKit, order } from '../helpers/host-kit.ts'
import { conformance } from './conformance.ts'
import { busybox, busyboxTools, linkTo, localSubject } from './subjects.ts'

conformance('local, the sh of this system', () => localSubject())

for (const shell of ['bash', 'mksh']) {
  const program = `/bin/${shell}`
  const skip = existsSync(program) ? null : `${shell} is not installed`
  conformance(`local, ${shell} as sh`, () => localSubject(linkTo(program)), skip)
}

conformance(
  'local, busybox alone',
  () =>
    localSubject((dir) => {
      const bin = busyboxTools(dir)
      return { SLUICE_SH: join(bin, 'ash'), PATH: bin }
    }),
  busybox === null ? 'busybox is not installed' : null,
)

const day = 86_400_000

test.skipIf(!existsSync('/bin/mksh'))(
  'H7: a shell whose printf is a program gets no secrets, which would be arguments of it',
  async () => {
    const subject = await localSubject(linkTo('/bin/mksh'))
    const kit = await openHostKit(subject)
    try {
      const secrets = { TOKEN: { secret: 'TOKEN', from: { env: 'TOKEN' } } }
      const given = await kit.run(order('echo ran', { secrets }))
      expect(given.end).toMatchObject({
        outcome: 'not_started',
        cause: 'host_refused',
        message: expect.stringContaining('SLUICE_SH') as string,
      })
      expect(kit.fleet.rows()[0]?.facts?.lacks.join()).toMatch(/a printf of its own: .*secrets/)
      expect((await kit.run(order('echo ran'))).log.toString()).toBe('ran\n')
    } finally {
      await kit.close()
      await subject.close()
    }
  },
)

test.skipIf(!existsSync('/bin/mksh'))(
  'a shell that counts in 32 bits is given no timeout that it would take for none',
  async () => {
    const subject = await localSubject(linkTo('/bin/mksh'))
    const kit = await openHostKit(subject)
    try {
      const long = await kit.run(order('true', { timeoutMs: 30 * day }))
      expect(long.end).toMatchObject({
        outcome: 'not_started',
        cause: 'host_refused',
        message: expect.stringContaining('24 days') as string,
      })
      const short = await kit.run(order('sleep 60', { timeoutMs: 300, graceMs: 300 }))
      expect(short.end).toMatchObject({ outcome: 'timed_out' })
    } finally {
      await kit.close()
      await subject.close()
    }
  },
)

const zsh = '/bin/zsh'

test.skipIf(!existsSync(zsh)).each([
  ['by its name', () => ({ SLUICE_SH: zsh })],
  ['as sh', linkTo(zsh)],
] as const)('zsh that would run the agent %s is refused in words', async (_how, prepare) => {
  const subject = await localSubject(prepare)
  const kit = await openHostKit(subject)
  try {
    kit.start(order('true'))
    await expect
      .poll(() => kit.fleet.rows()[0]?.why, { timeout: 20_000 })
      .toMatch(/^zsh cannot run the agent.*SLUICE_SH/)
    expect(kit.reports.filter(({ kind }) => kind === 'started')).toEqual([])
  } finally {
    await kit.close()
    await subject.close()
  }
})

test('another shell is not taken for zsh, whatever the environment says', async () => {
  const subject = await localSubject(() => ({ ZSH_VERSION: '5.9' }))
  const kit = await openHostKit(subject)
  try {
    expect((await kit.run(order('echo ran'))).log.toString()).toBe('ran\n')
  } finally {
    await kit.close()
    await subject.close()
  }
})
