// The questions of the `ssh` program, by SSH_ASKPASS. Its helper is a shell script in the connection's private folder: it
// leaves the question in a file and reads the answer from a FIFO, so that no secret is ever in a file, an argument or the
// environment. The programs of jump hosts inherit it.
import { constants } from 'node:fs'
import { open, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Question } from '../../shared/api/question.ts'
import type { Ask } from '../ports/asks.ts'
import { sleep, type Clock } from '../ports/clock.ts'
import { errorCode } from '../system/error-code.ts'
import type { Keyring } from './keyring.ts'
import type { Patience } from './patience.ts'
import { serverText } from './server-text.ts'
import type { SshTarget } from './ssh-config.ts'
import type { Place } from './ssh-transport-errors.ts'

export interface AskpassParts {
  dir: string
  ask: Ask
  keyring: Keyring
  target: SshTarget
  place: Place
  clock: Clock
  signal: AbortSignal
  patience: Patience
  /** The login cannot succeed any more; ssh would send an empty answer instead, and be asked again. */
  giveUp: () => void
}

export interface Askpass {
  env: Readonly<Record<string, string>>
  /** What stood in the way, for the message of a refusal. */
  notes(): readonly string[]
  /** What was typed has let us in. */
  succeeded(): void
  /** What was kept does not let us in any more. */
  failed(): void
  close(): void
}

/** A server that asks on and on is not asking for a login. */
const questionsMax = 24
const lookMs = 100
const tellTriesMax = 100
const tellPauseMs = 20

// The question appears by a rename, so that none is read half; nothing that reads the answer puts it into an argument.
// Who waits for an answer looks each second whether somebody is left to give one, and whether the ssh that wants it lives:
// a FIFO whose other side never opens would hold it for ever. Nothing of the look may outlive the answer: ssh leaves its helper
// a second hold on the pipe that it reads to the end.
const helperOf = (asker: number): string => `#!/bin/sh
cd "\${0%/*}" || exit 1
case $SSH_ASKPASS_PROMPT in none) exit 0 ;; confirm) exit 1 ;; esac
n=q$$
ssh=$PPID
mkfifo -m 600 "$n.fifo" || exit 1
printf '%s' "$1" > "$n.new" && mv "$n.new" "$n.question" || exit 1
cat <"$n.fifo" & c=$!
{
  trap 'kill "$z"; exit' TERM
  while [ -e askpass ] && kill -0 "$ssh" && kill -0 ${asker}; do sleep 1 & z=$!; wait "$z"; done
  kill "$c"
} </dev/null >/dev/null 2>&1 & w=$!
wait "$c"; s=$?
kill "$w" 2>/dev/null
[ "$s" = 0 ] && [ ! -e "$n.no" ]
`

export async function openAskpass(parts: AskpassParts): Promise<Askpass> {
  const { dir, ask, keyring, clock, signal, patience } = parts
  const file = join(dir, 'askpass')
  await writeFile(file, helperOf(process.pid), { mode: 0o700 })
  const closing = new AbortController()
  const notes: string[] = []
  const typed = new Map<string, string>()
  const served = new Set<string>()
  // One for all its questions: by it a login is known that asks again.
  const stop = AbortSignal.any([signal, closing.signal])
  let asked = 0

  const answerTo = async (question: Question): Promise<string | null> => {
    if (++asked > questionsMax) return null
    const name = keptAs(question)
    const kept = name === null ? null : keyring.kept(name)
    if (name !== null && kept !== null && !served.has(name)) {
      served.add(name)
      return kept
    }
    const answer = await ask(question, stop)
    if (name !== null && answer !== null) typed.set(name, answer)
    return answer
  }
  const serve = async (name: string): Promise<void> => {
    const text = await readFile(join(dir, `${name}.question`), 'utf8')
    const question = questionOf(text, parts)
    const answer = await patience.during(() => answerTo(question))
    if (answer === null) {
      notes.push(asked > questionsMax ? `${question.hop} asks without end` : unanswered(question))
      if (question.kind !== 'passphrase') return parts.giveUp()
      await writeFile(join(dir, `${name}.no`), '')
    }
    await tell(join(dir, `${name}.fifo`), answer ?? '', clock)
  }
  const look = async (): Promise<void> => {
    const seen = new Set<string>()
    for (;;) {
      for (const entry of await readdir(dir)) {
        const name = /^(.*)\.question$/.exec(entry)?.[1]
        if (name === undefined || seen.has(name)) continue
        seen.add(name)
        // Each hop's program asks by itself; one that is slow to be answered holds up no other.
        serve(name).catch((error: unknown) => void notes.push(String(error)))
      }
      await sleep(clock, lookMs, closing.signal)
    }
  }
  look().catch(() => {}) // closed
  return {
    env: {
      SSH_ASKPASS: file,
      SSH_ASKPASS_REQUIRE: 'force',
      // Before OpenSSH 8.4 a helper was asked only where a display seemed to be.
      DISPLAY: 'sluice:0',
    },
    notes: () => notes,
    succeeded() {
      for (const [name, secret] of typed) keyring.keep(name, secret)
    },
    failed() {
      for (const name of served) keyring.keep(name, null)
    },
    close() {
      closing.abort(new Error('the login is over'))
      rm(file, { force: true }).catch(() => {}) // goes with its folder
    },
  }
}

/** What may be given again when the link is made again; a code is good once. */
function keptAs(question: Question): string | null {
  if (question.kind === 'passphrase') return `passphrase ${question.keyFile}`
  return question.kind === 'password' ? `password ${question.hop}` : null
}

function questionOf(text: string, { target, place }: AskpassParts): Question {
  const { host } = place
  const key = /passphrase for (?:key )?['"]?(.+?)['"]?: *$/.exec(text)?.[1]
  if (key !== undefined) {
    return { kind: 'passphrase', host, hop: place.address, keyFile: serverText(key) }
  }
  const hopOf = (user: string, name: string): string =>
    name === target.host ? place.address : serverText(`${user}@${name}`)
  const [, user, name] = /^(?:\([^)]*\) )?(\S+)@(\S+)'s password: *$/.exec(text) ?? []
  if (user !== undefined && name !== undefined) {
    return { kind: 'password', host, hop: hopOf(user, name), user: serverText(user) }
  }
  // Since OpenSSH 8.5 ssh says itself who asks.
  const [, by = target.user, at = target.host, rest = text] =
    /^\(([^@()\s]+)@([^()\s]+)\) ([^]*)$/.exec(text) ?? []
  const lines = serverText(rest).split('\n')
  return {
    kind: 'prompt',
    host,
    hop: hopOf(by, at),
    title: lines.slice(0, -1).join('\n'),
    text: lines.at(-1) ?? '',
    secret: true,
  }
}

function unanswered(question: Question): string {
  const way = `or run: sluice hosts login ${question.host}`
  if (question.kind === 'passphrase') {
    return `${question.keyFile} needs its passphrase and was not given it. Add it to the agent: ssh-add ${question.keyFile}; ${way}`
  }
  const what = question.kind === 'password' ? 'for a password' : `"${question.text}"`
  return `${question.hop} asks ${what}. Nobody answered: open Sluice, ${way}`
}

/** Waits for the reader, a moment: the helper may be gone. */
async function tell(fifo: string, answer: string, clock: Clock): Promise<void> {
  for (let tries = 0; tries < tellTriesMax; tries++) {
    try {
      const handle = await open(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
      try {
        await handle.write(answer)
      } finally {
        await handle.close()
      }
      return
    } catch (error) {
      if (errorCode(error) !== 'ENXIO') throw error
      await sleep(clock, tellPauseMs)
    }
  }
}
