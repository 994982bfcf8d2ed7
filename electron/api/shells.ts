// Debug shells in the folder of an attempt: a person's terminal, held here between the host and the one who watches it.
//   S1  A shell lives as long as its watcher, and no longer than its limits.
//   S2  What is shown waits for the watcher: when so much is held, the host is held back.
//   S3  Opening is recorded before it is done; values of secrets are left out unless they are asked for.
import { randomUUID } from 'node:crypto'
import { audited, recordDeed } from './audit.ts'
import { openBell, type Bell } from './bell.ts'
import type { ApiParts } from './parts.ts'
import { secretNames } from './secret-names.ts'
import { lateEnvOf } from '../engine/late-env.ts'
import { startOrder } from '../engine/orders.ts'
import type { StartOrder } from '../ports/hosts.ts'
import type { Terminal } from '../ports/terminal.ts'
import { loadRun, resolveRunRef } from '../store/run-queries.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { Api, CheckedInputOf } from '../../shared/api/contract.ts'
import type { ShellWatch } from '../../shared/api/views.ts'
import { taskKey } from '../../shared/run/run-view.ts'

type ShellCalls = Pick<
  Api,
  'shell.open' | 'shell.write' | 'shell.resize' | 'shell.close' | 'shell.watch'
>

const shellsMax = 8
const openLimitMs = 60_000
/** For the one who opened it to begin to watch. */
const watchWaitMs = 30_000
/** Nothing was typed and nothing shown. */
const idleLimitMs = 2 * 3600_000
/** S2. */
const heldBytesMax = 256 * 1024
const itemBytesMax = 64 * 1024
/** Typed, and not yet taken by the host. */
const typedBytesMax = 1024 * 1024

interface Shell {
  terminal: Terminal
  subject: string
  held: Uint8Array[]
  heldBytes: number
  isPaused: boolean
  typedBytes: number
  endedWhy: string | null
  bell: Bell | null
  quietSince: number
  stopTimer: () => void
}

export function shellCalls(parts: ApiParts): ShellCalls {
  const { clock, hosts } = parts
  const shells = new Map<string, Shell>()
  let opening = 0

  const find = (id: string): Shell => {
    const shell = shells.get(id)
    if (shell === undefined) throw ended()
    return shell
  }
  const take = (shell: Shell, bytes: Uint8Array): void => {
    shell.held.push(bytes)
    shell.heldBytes += bytes.length
    shell.quietSince = clock.monotonic()
    if (shell.heldBytes > heldBytesMax && !shell.isPaused) {
      shell.isPaused = true
      shell.terminal.pause()
    }
    shell.bell?.ring()
  }
  const give = (shell: Shell): Uint8Array | null => {
    const first = shell.held.shift()
    if (first === undefined) return null
    const bytes = first.subarray(0, itemBytesMax)
    if (bytes.length < first.length) shell.held.unshift(first.subarray(itemBytesMax))
    shell.heldBytes -= bytes.length
    if (shell.isPaused && shell.heldBytes < heldBytesMax / 2) {
      shell.isPaused = false
      shell.terminal.resume()
    }
    return bytes
  }
  const watchIdle = (shell: Shell): void => {
    const restMs = shell.quietSince + idleLimitMs - clock.monotonic()
    shell.stopTimer = clock.after(Math.max(1, restMs), () => {
      if (shell.quietSince + idleLimitMs > clock.monotonic()) return watchIdle(shell)
      end(shell, 'The shell was closed: nothing happened in it for 2 hours')
    })
  }
  const end = (shell: Shell, why: string): void => {
    if (shell.endedWhy !== null) return
    shell.endedWhy = why
    // One that nobody has watched yet is kept for a moment, to be told of.
    if (shell.bell !== null) shell.stopTimer()
    shell.terminal.close()
    shell.bell?.ring()
    try {
      recordDeed(parts, { action: 'shell.closed', subject: shell.subject, details: { why } })
    } catch {
      // The store has failed, which whoever writes to it next is told; the shell is closed all the same.
    }
  }
  const hold = (terminal: Terminal, subject: string, greeting: string): string => {
    const id = randomUUID()
    const shell: Shell = {
      terminal,
      subject,
      held: [],
      heldBytes: 0,
      isPaused: false,
      typedBytes: 0,
      endedWhy: null,
      bell: null,
      quietSince: clock.monotonic(),
      stopTimer: clock.after(watchWaitMs, () => {
        end(shell, 'Nobody watched the shell')
        shells.delete(id)
      }),
    }
    shells.set(id, shell)
    take(shell, Buffer.from(greeting))
    terminal.onData((bytes) => take(shell, bytes))
    terminal.onClose((why) => end(shell, endWords(why)))
    return id
  }

  async function* watch(id: string, signal: AbortSignal): AsyncGenerator<ShellWatch> {
    const shell = find(id)
    if (shell.bell !== null)
      throw new AppError('conflict', 'Somebody else watches this shell already.')
    shell.bell = openBell(signal)
    shell.stopTimer()
    if (shell.endedWhy === null) watchIdle(shell)
    try {
      do {
        for (let bytes = give(shell); bytes !== null; bytes = give(shell)) {
          yield bytes
          if (signal.aborted) return
        }
        if (shell.endedWhy !== null) {
          yield { kind: 'ended', why: shell.endedWhy }
          return
        }
      } while (await shell.bell.next())
    } finally {
      shells.delete(id)
      end(shell, 'The one who watched it has left')
    }
  }

  return {
    async 'shell.open'(input) {
      const { host, order, subject } = findOrder(parts, input)
      const { secrets: own = {}, ...plainOrder } = order
      const leftOut = input.secrets ? [] : [...secretNames(order.env), ...Object.keys(own)]
      const env = Object.fromEntries(
        Object.entries(order.env).filter(([name]) => !leftOut.includes(name)),
      )
      const { columns, rows, secrets } = input
      if (shells.size + opening >= shellsMax) {
        throw new AppError('conflict', `${shellsMax} shells are open already.`, {
          hint: 'Close one of them.',
        })
      }
      opening++
      const limit = new AbortController()
      const stopLimit = clock.after(openLimitMs, () =>
        limit.abort(
          new AppError(
            'host-unreachable',
            `${host} opened no shell within ${openLimitMs / 1000} s.`,
          ),
        ),
      )
      try {
        const deed = { action: 'shell.opened', subject, details: { host, secrets } }
        return await audited(parts, deed, async () => {
          const opened = await hosts.openShell(
            host,
            input.secrets ? { ...order, env } : { ...plainOrder, env },
            { columns, rows },
            limit.signal,
          )
          const { folder, isOwnFolder, note, terminal } = opened
          const words = [
            isOwnFolder ? 'The folder of' : 'A fresh folder with the files of',
            `${subject} on ${host}. Its command: sh "$SLUICE_SCRIPT".`,
            note,
            leftOut.length === 0 ? '' : `Left out as secret: ${leftOut.join(', ')}.`,
          ]
          const greeting = `${words.filter((word) => word !== '').join(' ')}\r\n`
          return { shell: hold(terminal, subject, plain(greeting)), host, folder }
        })
      } finally {
        stopLimit()
        opening--
      }
    },
    'shell.watch': ({ shell }, signal) => watch(shell, signal),
    async 'shell.write'({ shell: id, text }) {
      const shell = find(id)
      const bytes = Buffer.from(text)
      if (shell.typedBytes + bytes.length > typedBytesMax)
        throw new AppError('conflict', 'The shell does not take what is typed as fast as it comes.')
      shell.quietSince = clock.monotonic()
      shell.typedBytes += bytes.length
      try {
        await shell.terminal.write(bytes)
      } catch {
        throw ended() // the stream says why
      } finally {
        shell.typedBytes -= bytes.length
      }
      return null
    },
    async 'shell.resize'({ shell, columns, rows }) {
      find(shell).terminal.resize({ columns, rows })
      return null
    },
    async 'shell.close'({ shell: id }) {
      const shell = shells.get(id)
      if (shell !== undefined) end(shell, 'The shell was closed')
      return null
    },
  }
}

interface Found {
  host: string
  order: StartOrder
  /** `RUN TASK attempt N`. */
  subject: string
}

/** What the attempt was given, from the plan that its run has at present. */
function findOrder(parts: ApiParts, input: CheckedInputOf<'shell.open'>): Found {
  const run = resolveRunRef(parts.db, input.run)
  const loaded = loadRun(parts.db, run)
  const task = loaded?.view.tasks[taskKey(input.task, input.item)]
  const planned = loaded?.plan.tasks.find(({ name }) => name === input.task)
  if (loaded === null || task === undefined || planned === undefined) {
    const key = taskKey(input.task, input.item)
    throw new AppError('not-found', `Run ${run} has no task "${key}".`, {
      hint: `It has ${Object.keys(loaded?.view.tasks ?? {})
        .slice(0, 8)
        .join(', ')}.`,
    })
  }
  const attempt =
    input.attempt === null
      ? task.attempts.at(-1)
      : task.attempts.find(({ number }) => number === input.attempt)
  if (attempt === undefined) {
    throw new AppError('not-found', `Task "${input.task}" has no such attempt.`, {
      hint: `It has ${task.attempts.length}.`,
    })
  }
  const ordered = { planned, view: task, run: loaded }
  const env = lateEnvOf(ordered, parts.evaluator)
  const order = startOrder(ordered, attempt.number, env.ok ? env.value : {})
  return { host: attempt.host, order, subject: `${run} ${input.task} attempt ${attempt.number}` }
}

function ended(): AppError {
  return new AppError('not-found', 'This shell has ended.', { hint: 'Open another one.' })
}

function endWords(why: string): string {
  const code = /^exited with (\d+)$/.exec(why)?.[1]
  if (code !== undefined) return `The shell ended with exit code ${code}`
  return `The shell is gone: ${why}`
}

/** Names come from files and hosts: nothing in them may act on the terminal. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '?')
}
