// Accounts whose login shell is not ours to choose, with rc files that greet, bark and doze.
//   Behind each of them runs the same agent in the same /bin/sh, so what is tested is what lies between.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hostName, openHostKit, order } from '../helpers/host-kit.ts'
import { skipReason } from '../helpers/sshd.ts'
import { mountSkipReason, openSshSubject } from './subjects.ts'

/** Name, program, and the file that it reads before each command. */
const shells = [
  ['bash', '/bin/bash', '.bashrc'],
  ['dash', '/bin/dash', null],
  ['zsh', '/bin/zsh', '.zshenv'],
  ['fish', '/usr/bin/fish', '.config/fish/config.fish'],
  ['tcsh', '/bin/tcsh', '.tcshrc'],
  ['csh', '/usr/bin/bsd-csh', '.cshrc'],
] as const

const skip = skipReason ?? mountSkipReason

// Each has a host and a folder of its own, and mostly waits.
describe.concurrent.each(shells)('an account with %s', (name, program, rcFile) => {
  const reason = skip ?? (existsSync(program) ? null : `${name} is not installed`)
  test.skipIf(reason !== null)(
    `starts, logs, gives outputs, is cut and cancelled${reason === null ? '' : `: ${reason}`}`,
    async () => {
      const subject = await openSshSubject({ shell: program })
      const home = dirname(subject.folder)
      if (rcFile !== null) bark(home, rcFile, name === 'bash' ? 2 : 0)
      const kit = await openHostKit({ transport: subject.transport, folder: null })
      try {
        const { facts } = await kit.fleet.check(hostName, AbortSignal.timeout(40_000))
        const login = facts!.checks.find((check) => check.id === 'login_shell')!
        expect(login.found).toContain(name === 'csh' ? 'bsd-csh' : name)
        expect(login.found).toMatch(
          rcFile === null ? /prints nothing/ : /prints \d{4,} bytes before our first word/,
        )
        expect(login.found).toMatch(name === 'bash' ? /takes [2-9]\.\d s/ : /takes \d+\.\d s/)

        const bytes = randomBytes(70_000)
        const sha256 = await kit.blobs.put(bytes)
        const value = `it's "x" \\ $HOME \`id\` * !! %1 ü\n`
        const one = order('cat in; printf %s "$VALUE" >out; echo !! >&2', {
          env: { VALUE: value },
          files: [{ path: 'in', sha256, bytes: bytes.length, mode: 0o600 }],
          outputs: { made: 'out' },
        })
        const { end, log } = await kit.run(one)
        expect(end).toMatchObject({ outcome: 'exited', exit: 0 })
        expect(log.equals(Buffer.concat([bytes, Buffer.from('!!\n')]))).toBe(true)
        const [made] = (end as { outputs?: { sha256: string }[] }).outputs ?? []
        expect(made!.sha256).toBe(createHash('sha256').update(value).digest('hex'))

        const long = order(`echo x >>${join(home, 'count')}; exec sleep 300`, { graceMs: 100 })
        kit.start(long)
        await kit.report('started', long.key)
        kit.link.cut()
        kit.fleet.start(hostName, long)
        kit.fleet.cancel(hostName, long.key, 100)
        expect((await kit.report('ended', long.key)).end.outcome).toBe('cancelled')
        expect(readFileSync(join(home, 'count'), 'utf8')).toBe('x\n')
        expect(kit.errors).toEqual([])
      } finally {
        await kit.close()
        await subject.close()
      }
    },
  )
})

/** Greets in words, in bytes that are no text, with what looks like ours, and without a line end. */
function bark(home: string, rcFile: string, dozeSeconds: number): void {
  const noise = join(home, 'noise')
  const like = 'Welcome!\nsluice-abc have\n=1 ok\n#1 99\n* ended x exited 0 1 1 - - - end\n'
  const parts = [like, randomBytes(4000), '\n\r\x1b[2J\0', 'no line end']
  writeFileSync(noise, Buffer.concat(parts.map((part) => Buffer.from(part))))
  const doze = dozeSeconds > 0 ? `sleep ${dozeSeconds}\n` : ''
  mkdirSync(dirname(join(home, rcFile)), { recursive: true })
  writeFileSync(join(home, rcFile), `${doze}cat ${noise}\ncat ${noise} >/dev/stderr\n`)
}
