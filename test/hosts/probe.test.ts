// Many attempts asked about in one line, as after a reconnect, are looked at by another way than one: both must say the same.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentText } from '../../electron/hosts/agent-text.ts'
import { openChannel } from '../../electron/hosts/open-channel.ts'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { isProgram } from '../helpers/test-server.ts'

const shells = ['/bin/sh', '/bin/mksh'].filter(isProgram)

const states = new Map([
  ['ended', 'ended'],
  ['ending', 'running'],
  ['told-within', 'ended'],
  ['rebooted', 'rebooted'],
  ['reused', 'reused'],
  ['gone', 'gone'],
  ['lost', 'lost'],
  ['torn', 'gone'],
  ['empty', 'gone'],
  ['never-there', 'absent'],
])

test.skipIf(process.platform !== 'linux').each(shells)(
  'H4: an attempt among many is told as it is when asked about alone (%s)',
  async (shell) => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-probe-'))
    const folder = join(dir, 'host')
    const env = { PATH: process.env['PATH'] ?? '', HOME: dir, SLUICE_SH: shell }
    const connection = await localTransport({ env }).connect(new AbortController().signal)
    const agent = { agent: agentText(), nonce: 'abcdefghijklmnopqrst', folder, clock: systemClock }
    const channel = await openChannel(connection, { ...agent, mode: 'main', client: 'kit' })
    const alive = spawn('sleep', ['1000'], { stdio: 'ignore' })
    try {
      const { bootId } = channel.hello
      const live = `${alive.pid} ${startOf(alive.pid)}`
      const record = (where: string, key: string, text: string): void =>
        writeFileSync(join(folder, where, key), text)
      const own = (key: string, words: string): void => record('own', key, `${words}\n`)
      for (let index = 0; index < 20; index++) own(`live.${index}`, `${bootId} ${live} 7 w own`)
      own('ended', `${bootId} ${live} 7 w own`)
      record('exit', 'ended', 'exited 3 7 8 - - - end\n')
      own('ending', `${bootId} ${live} 7 w own`)
      record('exit', 'ending', '')
      own('told-within', `${bootId} 1 1 7 w own\n\nexited 4 7 8 - - - end`)
      own('rebooted', `00000000-0000-4000-8000-000000000000 ${live} 7 w own`)
      own('reused', `${bootId} ${alive.pid} 1 7 w own`)
      record('script', 'reused', '')
      own('gone', `${bootId} 4194303 1 7 w own`)
      record('script', 'gone', '')
      own('lost', `${bootId} 4194303 1 7 w own`)
      own('torn', `${bootId} ${live} 7`)
      record('own', 'empty', '')
      const lives = Array.from({ length: 20 }, (_, index) => `live.${index}`)
      const keys = [...lives, ...states.keys()]

      const together = (await channel.ask(`probe ${keys.join(' ')}`)).parts
      expect(together).toHaveLength(keys.length)
      const alone = []
      for (const key of keys) alone.push(...(await channel.ask(`probe ${key}`)).parts)
      const sorted = (parts: typeof together): string[] => parts.map((one) => one.join(' ')).sort()
      expect(sorted(together)).toEqual(sorted(alone))
      for (const [key = '', state] of together)
        expect([key, state]).toEqual([key, states.get(key) ?? 'running'])
    } finally {
      alive.kill('SIGKILL')
      channel.close()
      connection.close()
      rmSync(dir, { recursive: true, force: true })
    }
  },
  60_000,
)

/** Field 22 of /proc/PID/stat. */
function startOf(pid: number | undefined): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? ''
}
