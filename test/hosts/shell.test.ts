// A debug shell on real hosts: what a person sees, what it costs the link, and what is left behind.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import type { OpenedShell } from '../../electron/hosts/shell-desk.ts'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import type { StartOrder } from '../../electron/ports/hosts.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { hostName, openHostKit, order, type HostKit } from '../helpers/host-kit.ts'
import { dropbearSkipReason } from '../helpers/dropbear.ts'
import { skipReason, startSshd, type TestSshd } from '../helpers/sshd.ts'
import { busybox, edgeSubject, mountSkipReason, openSshSubject } from './subjects.ts'

interface Screen {
  shell: OpenedShell
  type(text: string): Promise<void>
  /** Resolves with all that was shown once it contains `text`. */
  shows(text: string): Promise<string>
  ended: Promise<string>
}

const size = { columns: 91, rows: 23 }
let kit: HostKit

afterEach(() => kit.close())

async function openScreen(given: StartOrder): Promise<Screen> {
  const shell = await kit.fleet.openShell(hostName, given, size, new AbortController().signal)
  let shown = ''
  const lookers = new Set<() => void>()
  shell.terminal.onData((bytes) => {
    shown += Buffer.from(bytes).toString()
    for (const look of lookers) look()
  })
  return {
    shell,
    type: (text) => shell.terminal.write(Buffer.from(text)),
    shows: (text) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(
          () => reject(new Error(`No ${text} in: ${JSON.stringify(shown)}`)),
          20_000,
        )
        const look = (): void => {
          if (!shown.includes(text)) return
          lookers.delete(look)
          clearTimeout(limit)
          resolve(shown)
        }
        lookers.add(look)
        look()
      }),
    ended: new Promise((resolve) => shell.terminal.onClose(resolve)),
  }
}

/** `$((...))`, so that what is typed is not taken for what was answered. */
async function behavesLikeTheAttempt(): Promise<void> {
  const given = order('echo "the command ran in $PWD"; exit 3', {
    env: { GREETING: "it's\n  two words", SECRET_CANARY: 'canary-7d1f' },
    files: [await file('data/in.txt', 'three\n')],
  })
  await kit.run(given)
  const screen = await openScreen(given)
  // rc files may set a prompt of many bytes, and editors of lines repeat what is typed.
  await screen.type(`PS1=; echo "at:$PWD" "<$GREETING>" $(cat data/in.txt) $((40 + 2))\n`)
  const shown = await screen.shows(' 42')
  expect(shown).toContain(`at:${screen.shell.folder}`)
  expect(screen.shell).toMatchObject({ isOwnFolder: true, note: '' })
  expect(shown).toContain("<it's\r\n  two words> three 42")
  await screen.type('stty size; sh "$SLUICE_SCRIPT"; echo code $?\n')
  expect(await screen.shows('code 3')).toContain('23 91')
  screen.shell.terminal.resize({ columns: 120, rows: 40 })
  await screen.type('until [ "$(stty size)" = "40 120" ]; do sleep 0.1; done; echo si$((1))ed\n')
  await screen.shows('si1ed')
  // In the foreground already when it says so: an earlier Ctrl-C would throw away what was typed.
  await screen.type(`sh -c 'echo rea$((1))dy; exec sleep 1000'\n`)
  await screen.shows('rea1dy')
  await screen.type('\u0003')
  await screen.type('echo int$((1))rupted $?\n')
  await screen.shows('int1rupted 130')
  await screen.type('exit 7\n')
  expect(await screen.ended).toMatch(/exited with 7/)
}

async function file(path: string, text: string): Promise<StartOrder['files'][number]> {
  const bytes = Buffer.from(text)
  return { path, sha256: await kit.blobs.put(bytes), bytes: bytes.length, mode: 0o644 }
}

function leftOvers(folder: string): string[] {
  return ['work', 'script']
    .flatMap((name) => (existsSync(join(folder, name)) ? readdirSync(join(folder, name)) : []))
    .filter((name) => name.startsWith('shell-'))
}

describe.skipIf(skipReason !== null)('a debug shell over ssh', () => {
  async function openSshKit(
    extraConfig = '',
    byOpenSsh = false,
  ): Promise<{ sshd: TestSshd; folder: string }> {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-shell-'))
    const sshd = await startSshd({ dir, name: 'h', extraConfig })
    onTestFinished(async () => {
      await sshd.stop()
      rmSync(dir, { recursive: true, force: true })
    })
    const config = openSshConfig({ env: {}, clock: systemClock, file: sshd.configFile })
    const trust = openTrust(sshd.knownHostsFile)
    const folder = join(sshd.home, '.sluice')
    const transport = sshTransport(sshd.spec, { config, trust, clock: systemClock, byOpenSsh })
    kit = await openHostKit({ transport, folder })
    return { sshd, folder }
  }

  test('stands in a folder like the attempt had, with its environment, and leaves nothing', async () => {
    const { folder } = await openSshKit()
    await behavesLikeTheAttempt()
    await expect.poll(() => leftOvers(folder)).toEqual([])
  })

  test('stands there by the ssh program too, on a connection of its own where there is one session', async () => {
    const { sshd, folder } = await openSshKit('MaxSessions 1', true)
    await behavesLikeTheAttempt()
    await expect.poll(() => leftOvers(folder)).toEqual([])
    expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(2)
  })

  test('H7: the environment is in no file, no argument and no environment but its own', async () => {
    const { folder } = await openSshKit()
    const given = order('exit 1', { env: { WORD: 'canary-51ac' } })
    await kit.run(given)
    const screen = await openScreen(given)
    await screen.type('echo $((6 * 7)) $$\n')
    await screen.shows('42 ')
    const found: string[] = []
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      for (const name of ['cmdline', 'environ']) {
        try {
          const text = readFileSync(`/proc/${pid}/${name}`, 'latin1')
          if (text.includes('canary-51ac')) found.push(name)
        } catch {
          // It has ended by itself.
        }
      }
    }
    // The shell's own environment is where it belongs; a process of its own may be starting there.
    expect(new Set(found)).toEqual(new Set(['environ']))
    for (const name of ['work', 'script', 'own', 'log', 'stop']) {
      for (const path of readdirSync(join(folder, name), {
        recursive: true,
        withFileTypes: true,
      })) {
        if (!path.isFile()) continue
        expect(readFileSync(join(path.parentPath, path.name), 'latin1')).not.toContain(
          'canary-51ac',
        )
      }
    }
    expect(screen.shell.isOwnFolder).toBe(true)
    screen.shell.terminal.close()
    await screen.ended
  })

  test('H9: of an attempt that failed it stands in what it left, also once the host has forgotten it', async () => {
    const { folder } = await openSshKit()
    const given = order('echo half >part; exit 3', { files: [await file('in.txt', 'three\n')] })
    await kit.run(given)
    kit.fleet.release(hostName, given.key)
    await kit.report('released', given.key)
    const screen = await openScreen(given)
    expect(screen.shell).toMatchObject({
      isOwnFolder: true,
      folder: join(folder, 'kept', '3', given.key),
    })
    await screen.type('PS1=; echo "left: $(cat part in.txt)" $((40 + 2))\n')
    expect(await screen.shows(' 42')).toContain('left: half\r\nthree 42')
    screen.shell.terminal.close()
    await screen.ended
    expect(existsSync(join(folder, 'kept', '3', given.key, 'part'))).toBe(true)
  })

  test('secrets that are asked for are read, and one that is missing is told of', async () => {
    await openSshKit()
    const secrets = {
      TOKEN: { secret: 'TOKEN', from: { env: 'TOKEN' } },
      LOST: { secret: 'LOST', from: { env: 'LOST' } },
    }
    const screen = await openScreen(order('exit 1', { secrets }))
    // A value that a shell would read otherwise; the rest of the environment is there all the same.
    expect(screen.shell.note).toBe('The secret LOST is missing: nobody has it.')
    await screen.type('PS1=; echo "<${TOKEN-none}>" $((40 + 2))\n')
    expect(await screen.shows(' 42')).toContain("<it's $(me)>")
    screen.shell.terminal.close()
    await screen.ended
  })

  test('a link that is cut ends it in words, and its folder goes', async () => {
    const { sshd, folder } = await openSshKit()
    const given = order('true')
    await kit.run(given)
    kit.fleet.release(hostName, given.key)
    await kit.report('released', given.key)
    const screen = await openScreen(given)
    expect(screen.shell.isOwnFolder).toBe(false)
    await screen.type('echo $((6 * 7))\n')
    await screen.shows('42')
    expect(leftOvers(folder)).not.toEqual([])
    await sshd.killConnections()
    expect(await screen.ended).toMatch(/the connection (is lost|was closed)/)
    await expect.poll(() => leftOvers(folder), { timeout: 20_000 }).toEqual([])
  })

  test.each([1, 2])(
    'with MaxSessions %i it takes a connection of its own, and the link is told of',
    async (sessions) => {
      const { sshd } = await openSshKit(`MaxSessions ${sessions}`)
      const given = order('echo out; exit 1')
      const { log } = await kit.run(given)
      expect(log.toString()).toBe('out\n')
      const screen = await openScreen(given)
      await screen.type('echo $((6 * 7))\n')
      await screen.shows('42')
      // Logs and orders are not disturbed by it.
      const other = await kit.run(order('echo more'))
      expect(other.log.toString()).toBe('more\n')
      const row = await kit.fleet.check(hostName, new AbortController().signal)
      expect(row.facts?.checks.find(({ id }) => id === 'sessions')?.found).toMatch(
        `${sessions} session`,
      )
      expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(2)
      await screen.type('exit\n')
      expect(await screen.ended).toMatch(/exited with 0/)
    },
  )

  test('an agent that was taken away meanwhile is sent again', async () => {
    const { folder } = await openSshKit()
    const given = order('exit 1')
    await kit.run(given)
    for (const name of readdirSync(folder)) {
      if (name.startsWith('agent-')) rmSync(join(folder, name))
    }
    const screen = await openScreen(given)
    await screen.type('echo $((6 * 7))\n')
    expect(await screen.shows('42')).not.toContain('debug_shell')
    screen.shell.terminal.close()
  })

  test('output that nobody takes holds the host back', async () => {
    await openSshKit()
    const given = order('true')
    await kit.run(given)
    const shell = await kit.fleet.openShell(hostName, given, size, new AbortController().signal)
    let bytes = 0
    shell.terminal.onData((more) => {
      bytes += more.length
      if (bytes > 100_000) shell.terminal.pause()
    })
    await shell.terminal.write(Buffer.from('yes\n'))
    await expect.poll(() => bytes, { timeout: 20_000 }).toBeGreaterThan(100_000)
    const other = await kit.run(order('echo more'))
    expect(other.log.toString()).toBe('more\n')
    expect(bytes).toBeLessThan(10_000_000)
    shell.terminal.close()
  })
})

describe.skipIf(dropbearSkipReason !== null || busybox === null)(
  'a debug shell at the edge',
  () => {
    test('stands in a folder like the attempt had, by Dropbear and BusyBox alone', async () => {
      const subject = await edgeSubject()
      onTestFinished(() => subject.close())
      kit = await openHostKit({ transport: subject.transport, folder: null })
      await behavesLikeTheAttempt()
      await expect.poll(() => leftOvers(subject.folder)).toEqual([])
    })
  },
)

const loginShells = ['/bin/bash', '/bin/zsh', '/usr/bin/fish', '/bin/tcsh', '/usr/bin/bsd-csh']
describe.skipIf(skipReason !== null || mountSkipReason !== null)(
  'a debug shell of an account',
  () => {
    test.each(loginShells.filter((path) => existsSync(path)))(
      'with %s is that shell',
      async (program) => {
        const subject = await openSshSubject({ shell: program })
        onTestFinished(() => subject.close())
        kit = await openHostKit({ transport: subject.transport, folder: null })
        const given = order('exit 1', { env: { GREETING: "it's two" } })
        await kit.run(given)
        const screen = await openScreen(given)
        // What all of them read alike.
        await screen.type(`sh -c 'echo "<$GREETING>" "$0" $((6 * 7)); ps -o comm= -p $PPID'\n`)
        await screen.shows(`<it's two> sh 42`)
        await screen.shows(program.split('/').at(-1)!)
        await screen.type('exit 5\n')
        expect(await screen.ended).toMatch(/exited with 5/)
      },
    )
  },
)

const scripting = ['/usr/bin/script', '/bin/script'].some((path) => existsSync(path))
describe.skipIf(!scripting)('a debug shell on this machine', () => {
  test('stands in a folder like the attempt had, with its environment, and leaves nothing', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-shell-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const env = { PATH: process.env['PATH'] ?? '', HOME: dir, SHELL: '/bin/sh' }
    const folder = join(dir, 'host')
    kit = await openHostKit({ transport: localTransport({ env }), folder })
    await behavesLikeTheAttempt()
    await expect.poll(() => leftOvers(folder)).toEqual([])
  })
})
