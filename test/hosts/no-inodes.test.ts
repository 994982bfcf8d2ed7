// A disk with room and no inode left: a main agent cannot make its box. It says so, and all goes on when there are some again.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { order } from '../helpers/host-kit.ts'
import { localSubject, mounted, mountSkipReason, opened } from './subjects.ts'

describe.skipIf(mountSkipReason !== null)(`file systems${mountSkipReason ?? ''}`, () => {
  test('H3: a host without inodes says that it has none, keeps what runs, and takes work again by itself', async () => {
    const home = mounted('nr_inodes=300,size=50m')
    const { kit } = await opened(() => localSubject(() => ({ HOME: home })), join(home, 's'))
    const one = order('until [ -e ../../../go ]; do sleep 0.1; done; echo done')
    kit.start(one)
    await kit.report('started', one.key)
    const fill = join(home, 'fill')
    mkdirSync(fill)
    const fillUp = (): void => {
      for (let count = 0; count < 1000; count++) writeFileSync(join(fill, String(count)), '')
    }
    // The agent that leaves gives its own back.
    kit.link.refuse = new Error('cut')
    kit.link.cut()
    await expect.poll(() => readdirSync(join(home, 's', 'inbox')), { timeout: 20_000 }).toEqual([])
    expect(fillUp).toThrow(/ENOSPC/)
    kit.link.refuse = null
    await expect
      .poll(() => kit.fleet.rows()[0]?.why, { timeout: 60_000 })
      .toContain('The disk of the host has no inodes left')
    rmSync(fill, { recursive: true })
    writeFileSync(join(home, 'go'), '')
    expect((await kit.report('ended', one.key)).end).toMatchObject({ outcome: 'exited', exit: 0 })
    expect((await kit.run(order('echo again'))).log.toString()).toBe('again\n')
    expect(kit.fleet.rows()[0]?.link).toBe('linked')
  })
})
