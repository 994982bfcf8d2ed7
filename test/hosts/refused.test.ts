// The end of an attempt that never began.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { agentText } from '../../electron/hosts/agent-text.ts'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import { openChannel } from '../../electron/hosts/open-channel.ts'
import { startLine } from '../../electron/hosts/start-line.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { order } from '../helpers/host-kit.ts'

test.skipIf(!existsSync('/proc/self/wchan'))(
  'H9: a refusal is recorded before it is told, so that a release that comes at once finds an end',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-refused-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const folder = join(dir, 'host')
    const env = { PATH: process.env['PATH'] ?? '', HOME: dir }
    const connection = await localTransport({ env }).connect(new AbortController().signal)
    onTestFinished(() => connection.close())
    const channel = await openChannel(connection, {
      agent: agentText(),
      nonce: 'abcdefghijklmnopqrst',
      mode: 'main',
      client: 'kit',
      folder,
      clock: systemClock,
    })
    onTestFinished(() => channel.close())
    const gone = { path: 'in', sha256: 'e'.repeat(64), bytes: 1, mode: 0o600 }
    const one = order('true', { files: [gone] })
    // Who writes the record stands still until somebody reads it.
    const record = join(folder, 'exit', one.key)
    mkdirSync(join(folder, 'exit'), { recursive: true })
    execFileSync('mkfifo', [record])
    let told = ''
    const asked = channel.ask(startLine(one, null)).then(({ words }) => (told = words.join(' ')))
    await expect.poll(() => placeOf(join(folder, 'own', one.key))).toMatch(/wait_for_partner|fifo/)
    // Its answer would have come before this one: both take one pipe.
    await channel.ping()
    expect(told).toBe('')
    expect(await readFile(record, 'utf8')).toMatch(/^refused file_e{64} .* end\n$/)
    await asked
    expect(told).toBe(`refused file_${gone.sha256}`)
  },
)

/** Where in the kernel the process waits that an attempt's lock names. */
function placeOf(lock: string): string {
  try {
    const [, pid] = readFileSync(lock, 'utf8').split(' ')
    return readFileSync(`/proc/${pid}/wchan`, 'utf8')
  } catch {
    return ''
  }
}
