// One field of a cron expression: a list of values, ranges and steps, read as Debian's crontab reads them,
// with `?`, `L`, `W` and `#` for days as Quartz has them. Each bit of `values` is one value of the field.
//   C1  What would be read otherwise by another cron (`5#3` in minutes, `30-10`, `*/99`) is refused, never guessed.

export interface FieldShape {
  name: 'minute' | 'hour' | 'day of month' | 'month' | 'day of week'
  min: number
  max: number
  /** Lower case, from `namesFrom` on. */
  names: readonly string[]
  namesFrom: number
  stepMax: number
  /** Different values. */
  size: number
}

export const MINUTE: FieldShape = shape('minute', 0, 59, 59)
export const HOUR: FieldShape = shape('hour', 0, 23, 23)
export const DAY: FieldShape = shape('day of month', 1, 31, 31)
export const MONTH: FieldShape = {
  ...shape('month', 1, 12, 12),
  names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  namesFrom: 1,
}
/** 7 is Sunday too; it is kept apart until the field is read, so that `5-7` is a range. */
export const WEEKDAY: FieldShape = {
  ...shape('day of week', 0, 7, 7),
  size: 7,
  names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
}

export type SpecialDay =
  /** `L`, `L-3`: so many days before the last of the month. */
  | { kind: 'last'; before: number }
  /** `LW`: the last weekday (Monday to Friday) of the month. */
  | { kind: 'last-weekday' }
  /** `15W`: the weekday nearest to that day, in the same month. */
  | { kind: 'nearest-weekday'; day: number }
  /** `5#2`: the second Friday. */
  | { kind: 'nth'; weekday: number; nth: number }
  /** `5L`: the last Friday. */
  | { kind: 'last-of'; weekday: number }

export interface CronField {
  /** Begins with `*`, also where a step follows: what Debian's rule for DST hangs on. */
  star: boolean
  /** `*`, `?` or a step of 1: says nothing. What the rule for days hangs on. */
  free: boolean
  /** Ascending, without doubles. */
  values: readonly number[]
  special: readonly SpecialDay[]
}

export interface FieldFault {
  message: string
  hint: string
  /** Where in the text of the field, from 0. */
  at: number
}

export type FieldResult = { ok: true; field: CronField } | { ok: false; fault: FieldFault }

export function parseField(text: string, field: FieldShape): FieldResult {
  const found = new Set<number>()
  const special: SpecialDay[] = []
  let at = 0
  const elements = text.split(',')
  for (const element of elements) {
    const day = parseSpecial(element, field)
    if (day?.kind === 'nearest-weekday' && elements.length > 1) {
      return fault(at, `"${element}" cannot stand in a list`, 'Write one trigger per day.')
    }
    if (day !== null) special.push(day)
    const message = day === null ? addElement(element, field, found) : null
    if (message !== null) return { ok: false, fault: { ...message, at: at + message.at } }
    at += element.length + 1
  }
  const sorted = field === WEEKDAY ? [...new Set([...found].map((day) => day % 7))] : [...found]
  const values = sorted.sort((left, right) => left - right)
  const star = text.startsWith('*')
  const free = (star || text === '?') && values.length === field.size
  return { ok: true, field: { star, free, values, special } }
}

function shape(name: FieldShape['name'], min: number, max: number, stepMax: number): FieldShape {
  return { name, min, max, names: [], namesFrom: 0, stepMax, size: max - min + 1 }
}

function fault(at: number, message: string, hint = ''): { ok: false; fault: FieldFault } {
  return { ok: false, fault: { at, message, hint } }
}

// null: not one of ours, so the plain reading decides.
function parseSpecial(element: string, field: FieldShape): SpecialDay | null {
  const text = element.toUpperCase()
  if (field === DAY) {
    const last = /^L(?:-([1-9]|[12]\d|30))?$/.exec(text)
    if (last !== null) return { kind: 'last', before: Number(last[1] ?? 0) }
    if (text === 'LW') return { kind: 'last-weekday' }
    const nearest = /^0?([1-9]|[12]\d|3[01])W$/.exec(text)
    return nearest === null ? null : { kind: 'nearest-weekday', day: Number(nearest[1]) }
  }
  if (field !== WEEKDAY) return null
  const parts = /^(0?[0-7]|[A-Z]{3})(?:#([1-5])|L)$/.exec(text)
  const weekday = parts === null ? null : readValue(parts[1]!, field)
  if (parts === null || weekday === null) return null
  return parts[2] === undefined
    ? { kind: 'last-of', weekday: weekday % 7 }
    : { kind: 'nth', weekday: weekday % 7, nth: Number(parts[2]) }
}

function addElement(element: string, field: FieldShape, found: Set<number>): FieldFault | null {
  if (element === '') return { at: 0, message: `The ${field.name} is empty here`, hint: '' }
  if (element === '?' && (field === DAY || field === WEEKDAY)) {
    addRange(found, field.min, field.max, 1)
    return null
  }
  const [range = '', stepText, ...more] = element.split('/')
  const [fromText = '', toText, ...moreEnds] = range.split('-')
  if (more.length > 0 || moreEnds.length > 0) return unreadable(element, field)
  const step = stepText === undefined ? 1 : readNumber(stepText)
  const stepAt = range.length + 1
  if (step === null) {
    return { at: stepAt, message: `"${stepText}" is not a step`, hint: 'Write a number after "/".' }
  }
  if (step < 1 || step > field.stepMax) {
    const hint = `A step in the ${field.name} is 1 to ${field.stepMax}.`
    return { at: stepAt, message: `The step ${step} never comes round`, hint }
  }
  if (fromText === '*') {
    if (toText !== undefined) return unreadable(element, field)
    addRange(found, field.min, field.max, step)
    return null
  }
  return addPlain(element, field, found, {
    fromText,
    toText,
    step,
    stepped: stepAt <= element.length,
  })
}

interface Plain {
  fromText: string
  toText: string | undefined
  step: number
  stepped: boolean
}

function addPlain(
  element: string,
  field: FieldShape,
  found: Set<number>,
  { fromText, toText, step, stepped }: Plain,
): FieldFault | null {
  const from = readValue(fromText, field)
  const to = toText === undefined ? from : readValue(toText, field)
  if (from === null) return unreadable(element, field)
  if (to === null) return { ...unreadable(element, field), at: fromText.length + 1 }
  const outside = [from, to].find((value) => value < field.min || value > field.max)
  if (outside !== undefined) {
    return {
      at: outside === from ? 0 : fromText.length + 1,
      message: `The ${field.name} ${outside} does not exist`,
      hint: `It is ${field.min} to ${field.max}.`,
    }
  }
  if (to < from) {
    const hint = `Write ${fromText}-${field.max},${field.min}-${toText}.`
    return { at: 0, message: `The range ${element} runs backwards`, hint }
  }
  // `tue/2` is Tuesday to Saturday: were Sunday's second number in, `1/2` would hold Sunday and `0/2` not.
  const open = field === WEEKDAY ? Math.max(from, 6) : field.max
  addRange(found, from, stepped && toText === undefined ? open : to, step)
  return null
}

function addRange(found: Set<number>, from: number, to: number, step: number): void {
  for (let value = from; value <= to; value += step) found.add(value)
}

function readNumber(text: string): number | null {
  return /^\d{1,4}$/.test(text) ? Number(text) : null
}

function readValue(text: string, field: FieldShape): number | null {
  const named = field.names.indexOf(text.toLowerCase())
  return named === -1 ? readNumber(text) : named + field.namesFrom
}

function unreadable(element: string, field: FieldShape): FieldFault {
  const values = field.names.length === 0 ? '' : ` or ${field.names.slice(0, 3).join(', ')}...`
  const days =
    field === DAY
      ? ' L, LW and 15W are for days, too.'
      : field === WEEKDAY
        ? ' 5#2 (second) and 5L (last) are for days of the week, too.'
        : ''
  return {
    at: 0,
    message: `Cannot read "${element}" as ${field.name}`,
    hint: `Write ${field.min} to ${field.max}${values}, a range 2-5, a step */5, or a list 1,3.${days}`,
  }
}
