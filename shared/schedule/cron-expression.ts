// Reads a cron expression: five fields, or one of cron's names for them.
import type { CronField, FieldShape } from './cron-field.ts'
import { DAY, HOUR, MINUTE, MONTH, parseField, WEEKDAY } from './cron-field.ts'

export interface CronExpression {
  minute: CronField
  hour: CronField
  day: CronField
  month: CronField
  weekday: CronField
}

export interface CronFault {
  ok: false
  message: string
  /** 1-based, in the text given. */
  column: number
  hint: string
}

export type CronParsed = { ok: true; expression: CronExpression } | CronFault

const shapes: readonly FieldShape[] = [MINUTE, HOUR, DAY, MONTH, WEEKDAY]
const textMax = 500

const nicknames: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

export function parseCron(text: string): CronParsed {
  if (text.length > textMax) {
    return fault(1, `The expression is ${text.length} characters long`, `${textMax} is the limit.`)
  }
  const words = [...text.matchAll(/[^ \t]+/g)].map((match) => ({ text: match[0], at: match.index }))
  const first = words[0]
  if (first === undefined) return fault(1, 'The expression is empty', 'Write e.g. "15 2 * * *".')
  if (first.text.startsWith('@')) return parseNickname(first.text, first.at, words[1]?.at)
  if (words.length !== shapes.length) return wrongCount(words.length, words[5]?.at ?? text.length)

  const fields: CronField[] = []
  for (const [index, word] of words.entries()) {
    const result = parseField(word.text, shapes[index]!)
    if (!result.ok) {
      return fault(word.at + result.fault.at + 1, result.fault.message, result.fault.hint)
    }
    fields.push(result.field)
  }
  const [minute, hour, day, month, weekday] = fields
  return {
    ok: true,
    expression: { minute: minute!, hour: hour!, day: day!, month: month!, weekday: weekday! },
  }
}

function fault(column: number, message: string, hint: string): CronFault {
  return { ok: false, message, column, hint }
}

function parseNickname(word: string, at: number, nextAt: number | undefined): CronParsed {
  const known = Object.keys(nicknames).join(', ')
  const fields = Object.hasOwn(nicknames, word) ? nicknames[word] : undefined
  if (fields !== undefined && nextAt === undefined) return parseCron(fields)
  if (fields !== undefined) return fault(nextAt! + 1, `Nothing may follow ${word}`, '')
  if (word === '@reboot') {
    return fault(at + 1, '@reboot is not a time', 'Start the run by hand, or at fixed times.')
  }
  const every = word.startsWith('@every') ? 'For each so many minutes, write */5 * * * *. ' : ''
  return fault(at + 1, `There is no ${word}`, `${every}Write five fields, or one of ${known}.`)
}

function wrongCount(count: number, at: number): CronFault {
  const order = 'minute, hour, day of month, month, day of week'
  if (count === 6) {
    const hint = `Leave the seconds (or the year) out: ${order}.`
    return fault(at + 1, 'There are six fields instead of five', hint)
  }
  return fault(at + 1, `There are ${count} fields instead of five`, `Write ${order}.`)
}
