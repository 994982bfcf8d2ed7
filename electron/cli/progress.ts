// What a person sees while a run goes on: a live table on a terminal, one line per change elsewhere.
import type { CliContext } from './context.ts'
import type { FollowedRun } from './follow-run.ts'
import { paintFor, widthOf } from './paint.ts'
import { personNotes } from './person-notes.ts'
import { plainProgress } from './plain-progress.ts'
import { pictureOf } from './run-picture.ts'
import type { Progress } from './run-progress.ts'
import { transferText } from './transfer-lines.ts'
import type { HostTransfer } from './transfer-lines.ts'
import { isRunEnd } from '../../shared/run/states.ts'

const repaintMs = 100
/** Lines; the tasks matter more. */
const transfersMax = 3
/** Lines of questions and orders below the table. */
const notesMax = 12

/** Lines tell of what ended at `since` (ms) or later. */
export function openProgress(context: CliContext, since: number): Progress {
  return context.out.isTTY && context.env['TERM'] !== 'dumb'
    ? liveTable(context)
    : plainProgress(context, since)
}

function liveTable(context: CliContext): Progress {
  const { out, clock } = context
  const paint = paintFor(out)
  let last: FollowedRun | null = null
  let drawn = 0
  let cancelTimer: (() => void) | null = null
  let isDirty = false
  let isHeld = false
  let transfers: readonly HostTransfer[] = []

  const erase = (): string => (drawn === 0 ? '' : `\u001b[${drawn}A\u001b[J`)
  const draw = (): void => {
    isDirty = false
    if (last === null || isHeld) return
    const { view, graph } = last
    const now = clock.now()
    const files = isRunEnd(view.state) ? [] : transfers.slice(0, transfersMax)
    const under = [
      ...files.map((one) => paint('dim', transferText(one))),
      ...personNotes(view, { paint, now, graph }).slice(0, notesMax),
    ]
    const rows = out.rows - under.length
    const lines = [...pictureOf(view, { paint, now, rows }), ...under].map((line) =>
      cut(line, out.columns - 1),
    )
    // One write: a terminal that shows half a picture flickers.
    out.write(erase() + lines.map((line) => `${line}\n`).join(''))
    drawn = lines.length
  }
  // A tenth of the time at most goes into drawing, however many tasks there are.
  const arm = (drawMs: number): void => {
    cancelTimer = clock.after(Math.max(repaintMs, drawMs * 10), () => {
      const isAlive = last !== null && !isRunEnd(last.view.state)
      const from = clock.monotonic()
      // Durations of running tasks move on without events.
      if (isDirty || isAlive) draw()
      arm(clock.monotonic() - from)
    })
  }

  return {
    show(run) {
      last = run
      isDirty = true
      if (cancelTimer === null) {
        draw()
        arm(0)
      }
    },
    showTransfers(present) {
      transfers = present
      isDirty = true
    },
    note(text) {
      out.write(`${erase()}${text}\n`)
      drawn = 0
      draw()
    },
    hold() {
      isHeld = true
      return () => {
        isHeld = false
        // What was typed stands below the picture: the next one is drawn under it.
        drawn = 0
        draw()
      }
    },
    close() {
      if (cancelTimer === null) return
      cancelTimer()
      cancelTimer = null
      draw()
    },
  }
}

/** Keeps colours whole and closes what a cut leaves open. */
function cut(line: string, width: number): string {
  if (widthOf(line) <= width) return line
  let rest = width - 1
  let text = ''
  // eslint-disable-next-line no-control-regex
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith('\u001b')) text += part
    else {
      const kept = Array.from(part).slice(0, rest)
      rest -= kept.length
      text += kept.join('')
    }
  }
  return `${text}…`
}
