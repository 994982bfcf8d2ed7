// Every decision about whom we trust is in the audit, in its order, whoever made it; through the API, with real servers (H8).
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { App } from '../../electron/api/app-face.ts'
import { openApp } from '../../electron/app.ts'
import type { SecretStore } from '../../electron/ports/asks.ts'
import type { AuditRow } from '../../shared/api/views.ts'
import { startScripted, type ScriptedSshd } from '../helpers/scripted-sshd.ts'
import { skipReason, startSshd, type TestSshd } from '../helpers/sshd.ts'
import { makeKey } from '../helpers/test-server.ts'

const canary = 'canary-2f81'

describe.skipIf(skipReason !== null)('what is decided about trust', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-trust-'))
  const kept = new Map<string, string>()
  const secrets: SecretStore = {
    unavailable: null,
    get: async (name) => kept.get(name) ?? null,
    set: async (name, secret) => void kept.set(name, secret),
    delete: async (name) => void kept.delete(name),
  }
  let password = `${canary}-first`
  let far: TestSshd
  let asking: ScriptedSshd
  let app: App

  beforeAll(async () => {
    far = await startSshd({ dir, name: 'far' })
    asking = await startScripted({
      onAuth(context) {
        if (context.method === 'password' && context.password === password) context.accept()
        else context.reject(['password'])
      },
    })
    const workspace = join(dir, 'workspace')
    mkdirSync(workspace)
    const at = (port: number): string => `address: 127.0.0.1, port: ${port}`
    writeFileSync(
      join(workspace, 'sluice.yaml'),
      `hosts:
  far: { ${at(far.port)}, user: ${far.user}, key: ${far.keyFile}, folder: ${join(dir, 'folder')} }
  asking: { ${at(asking.port)}, user: etl, key: ${join(dir, 'none')} }\n`,
    )
    const home = join(dir, 'home')
    const env = { ...process.env, HOME: dir }
    app = await openApp({ home, workspace, face: 'cli', mode: 'engine', env, secrets })
  })
  afterAll(async () => {
    await app.close()
    await Promise.all([far.stop(), asking.stop()])
    rmSync(dir, { recursive: true, force: true })
  })

  const rows = async (): Promise<AuditRow[]> =>
    (await app.client.call('audit.list', {})).toReversed()
  const check = (host: string) => app.client.call('host.check', { host })
  const trust = (host: string, fingerprint: string) =>
    app.client.call('host.trust', { host, fingerprint })

  test('H8: a key is accepted by a person alone, a wrong answer and a changed key are kept too', async () => {
    const row = await check('far')
    expect(row.link).not.toBe('linked')
    expect(await rows()).toEqual([])
    const wrong = `SHA256:${'x'.repeat(43)}`
    await expect(trust('far', wrong)).rejects.toMatchObject({ code: 'not-found' })
    const fingerprint = row.askFingerprint ?? ''
    expect((await trust('far', fingerprint)).link).toBe('linked')

    await far.stop()
    rmSync(join(dir, 'far', 'host_key'))
    rmSync(join(dir, 'far', 'host_key.pub'))
    await makeKey(join(dir, 'far', 'host_key'))
    await far.restart()
    // Each look is refused; that it was is one decision.
    for (let looks = 0; looks < 2; looks++) {
      const changed = await check('far')
      expect(changed.changedKey?.known[0]).toContain(fingerprint)
      const shown = changed.changedKey?.shown.split(' ')[1] ?? ''
      await expect(trust('far', shown)).rejects.toMatchObject({ code: 'not-found' })
    }
    const found = (await rows()).map(({ by, action, subject, details }) => [
      by === 'engine' ? by : 'person',
      action,
      subject,
      details['fingerprint'] ?? details['why'],
    ])
    const shown = (await check('far')).changedKey?.shown.split(' ')[1]
    expect(found).toEqual([
      ['person', 'host_key.accepted', 'far', wrong],
      ['person', 'host_key.accepted.failed', 'far', expect.stringContaining('has not shown')],
      ['person', 'host_key.accepted', 'far', fingerprint],
      ['engine', 'host_key.refused', 'far', 'changed'],
      ['person', 'host_key.accepted', 'far', shown],
      ['person', 'host_key.accepted.failed', 'far', expect.stringContaining('has not shown')],
      ['person', 'host_key.accepted', 'far', shown],
      ['person', 'host_key.accepted.failed', 'far', expect.stringContaining('has not shown')],
    ])
  })

  test('an answer that is kept, and one that is forgotten, is there by its name and never by its text', async () => {
    const before = (await rows()).length
    const leave = new AbortController()
    const answering = (async () => {
      for await (const { asks } of app.client.stream('ask.watch', {}, leave.signal)) {
        for (const { id } of asks)
          await app.client.call('ask.answer', { id, answer: password, remember: true })
      }
    })()
    const { askFingerprint } = await check('asking')
    await trust('asking', askFingerprint ?? '')
    password = `${canary}-second`
    await check('asking')
    leave.abort()
    await answering.catch(() => undefined)

    const name = `password etl@127.0.0.1:${asking.port}`
    const found = (await rows()).slice(before).map(({ action, subject }) => [action, subject])
    expect(found).toEqual([
      ['host_key.accepted', 'asking'],
      ['secret.remembered', name],
      ['secret.forgotten', name],
      ['secret.remembered', name],
    ])
    expect(kept.get(name)).toBe(password)
    expect(JSON.stringify(await rows())).not.toContain(canary)
    expect(await app.client.call('audit.verify', {})).toMatchObject({ brokenAt: null })
  })
})
