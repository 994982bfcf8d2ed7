// What `ssh -G` says. It runs the commands of `Match exec`, which may hang: it is given a limit and a process group of its own.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'
import { AppError } from '../../shared/api/app-error.ts'
import type { Clock } from '../ports/clock.ts'
import { serverText } from './server-text.ts'
import type { ConfigWords } from './ssh-config-file.ts'

export interface AskedSsh {
  program: string
  /** Instead of the usual files; `none`: no file at all, which tells the program's own defaults. */
  file: string | null
  env: Readonly<Record<string, string | undefined>>
  clock: Clock
}

const askLimitMs = 10_000
const answerBytesMax = 1 << 20
const saidBytesMax = 4096

/** Rejects with AppError('bad-input') in ssh's own words where it refuses the file, and with ENOENT where there is no ssh. */
export async function askSsh(alias: string, asked: AskedSsh): Promise<ConfigWords> {
  // `--` so that an alias that begins with `-` cannot be an option.
  const args = [...(asked.file === null ? [] : ['-F', asked.file]), '-G', '--', alias]
  const { code, answer, said } = await run(args, asked)
  if (code === 0) return wordsOf(answer)
  const why = code === 'late' ? `it has not answered within ${askLimitMs / 1000} s` : said
  throw new AppError('bad-input', `ssh refuses its configuration for "${alias}": ${why}`, {
    hint:
      code === 'late'
        ? `A command of "Match exec" may hang. Try "ssh -G ${alias}" in a terminal.`
        : `Try "ssh -G ${alias}" in a terminal.`,
  })
}

interface Told {
  /** null: ended by a signal. */
  code: number | null | 'late'
  answer: string
  said: string
}

function run(args: readonly string[], { program, env, clock }: AskedSsh): Promise<Told> {
  return new Promise((resolve, reject) => {
    const child: ChildProcessByStdio<null, Readable, Readable> = spawn(program, [...args], {
      env: { ...env },
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let answer = ''
    let said = ''
    let code: number | null = null
    const finish = (told: Told['code']): void => {
      stopLimit()
      // A command that was left in the background may hold it open.
      child.stderr.destroy()
      resolve({ code: told, answer, said: serverText(said) })
    }
    const stopLimit = clock.after(askLimitMs, () => {
      endGroup(child.pid)
      finish('late')
    })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (answer.length < answerBytesMax) answer += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < saidBytesMax) said += text
    })
    child.on('error', (error) => {
      stopLimit()
      reject(error)
    })
    const parts = [
      new Promise<void>((done) => child.stdout.on('close', done)),
      new Promise<void>((done) =>
        child.on('exit', (told) => {
          code = told
          // What it said last is read before it is used.
          setImmediate(done)
        }),
      ),
    ]
    void Promise.all(parts).then(() => finish(code))
  })
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function wordsOf(text: string): ConfigWords {
  const words = new Map<string, string[]>()
  for (const line of text.split(/\r?\n/)) {
    const space = line.indexOf(' ')
    if (space < 0) continue
    const keyword = line.slice(0, space)
    words.set(keyword, [...(words.get(keyword) ?? []), line.slice(space + 1)])
  }
  return words
}
