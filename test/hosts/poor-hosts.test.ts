// Hosts that lack what most have: each works with what it has, or refuses in words that name the way out.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { HostCheck } from '../../shared/api/views.ts'
import { hostName, order, type HostKit } from '../helpers/host-kit.ts'
import { localSubject, mounted, mountSkipReason, opened, toolsWithout } from './subjects.ts'

describe.skipIf(mountSkipReason !== null)(`file systems${mountSkipReason ?? ''}`, () => {
  test('nothing of the agent is executed: a noexec home and a noexec /tmp do', async () => {
    const home = mounted('noexec')
    const { kit } = await opened(
      () => localSubject(() => ({ HOME: home, TMPDIR: home })),
      join(home, 's'),
    )
    const bytes = Buffer.from('#!/bin/sh\necho ran\n')
    const sha256 = await kit.blobs.put(bytes)
    const files = [{ path: 'go.sh', sha256, bytes: bytes.length, mode: 0o755 }]
    const { end, log } = await kit.run(order('sh ./go.sh; ./go.sh', { files }))
    expect(log.toString()).toMatch(/^ran\n.*[Pp]ermission denied/)
    expect(end).toMatchObject({ exit: 126 })
    const stop = order('exec sleep 300', { graceMs: 100 })
    kit.start(stop)
    await kit.report('started', stop.key)
    kit.fleet.cancel(hostName, stop.key, 100)
    expect((await kit.report('ended', stop.key)).end.outcome).toBe('cancelled')
    // By proof, not by trust in words: no file of the agent may be executed at all.
    for (const name of readdirSync(join(home, 's')).filter((file) => file.endsWith('.sh')))
      expect(spawnSync(join(home, 's', name)).error).toMatchObject({ code: 'EACCES' })
    const checks = await checksOf(kit)
    for (const id of ['folder', 'tmp'])
      expect(checks.get(id)).toMatchObject({
        level: 'note',
        found: expect.stringMatching(/noexec/),
      })
  })

  test('a read-only home is refused with the names of both settings, and each of them helps', async () => {
    const home = mounted('ro')
    const other = mkdtempSync(join(tmpdir(), 'sluice-other-'))
    onTestFinished(() => rmSync(other, { recursive: true, force: true }))
    const env = { HOME: home }
    const refused = await opened(() => localSubject(() => env), join(home, '.sluice'))
    const row = await refused.kit.fleet.check(hostName, AbortSignal.timeout(40_000))
    expect(row).toMatchObject({ link: 'refused' })
    expect(row.why).toMatch(/read-only/)
    expect(row.why).toContain('`folder` of the host in sluice.yaml')
    expect(row.why).toContain('SLUICE_FOLDER')
    const one = order('true')
    refused.kit.start(one)
    expect((await refused.kit.report('ended', one.key)).end).toMatchObject({
      outcome: 'not_started',
      cause: 'host_refused',
      message: expect.stringContaining('SLUICE_FOLDER'),
    })
    const named = await opened(() => localSubject(() => env), join(other, 'by setting'))
    expect((await named.kit.run(order('pwd'))).log.toString()).toContain('by setting/work/')
  })

  test('SLUICE_FOLDER of the account is taken where the workspace names no folder', async () => {
    const home = mounted('ro')
    const other = mkdtempSync(join(tmpdir(), 'sluice-other-'))
    onTestFinished(() => rmSync(other, { recursive: true, force: true }))
    const { kit } = await opened(
      () => localSubject(() => ({ HOME: home, SLUICE_FOLDER: join(other, 'own') })),
      null,
    )
    expect((await kit.run(order('pwd'))).log.toString()).toContain(join(other, 'own', 'work'))
  })

  test('a disk too small for the agent is refused as full, and works as soon as there is room', async () => {
    const disk = mounted('size=64k')
    writeFileSync(join(disk, 'fill'), Buffer.alloc(48 * 1024))
    const { kit } = await opened(() => localSubject(), join(disk, 's'))
    const row = await kit.fleet.check(hostName, AbortSignal.timeout(40_000))
    expect(row.link).not.toBe('linked')
    expect(row.why).toMatch(/disk of the host is full.*No space left/)
    // Nothing is left of the copy that did not fit.
    expect(readdirSync(join(disk, 's'))).toEqual([])
    execFileSync('mount', ['-o', 'remount,size=8m', disk])
    expect((await kit.run(order('true'))).end).toMatchObject({ exit: 0 })
  })
})

test('without a SHA-256 tool logs and outputs come by length, and the check says what that costs', async () => {
  const { kit } = await opened(() =>
    localSubject((dir) => ({
      PATH: toolsWithout(dir, ['sha256sum', 'shasum', 'openssl', 'base64', 'b2sum', 'sha224sum']),
    })),
  )
  const bytes = Buffer.from('input')
  const sha256 = await kit.blobs.put(bytes)
  const result = await kit.run(
    order('cat in; printf made >out', {
      files: [{ path: 'in', sha256, bytes: bytes.length, mode: 0o600 }],
      outputs: { made: 'out' },
    }),
  )
  expect(result).toMatchObject({ sha256: null, end: { exit: 0, outputs: [{ name: 'made' }] } })
  expect(result.log.toString()).toBe('input')
  expect((await checksOf(kit)).get('sha256')).toMatchObject({ level: 'note' })
})

async function checksOf(kit: HostKit): Promise<Map<string, HostCheck>> {
  const row = await kit.fleet.check(hostName, AbortSignal.timeout(40_000))
  return new Map(row.facts!.checks.map((check) => [check.id, check]))
}
