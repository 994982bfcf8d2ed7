// What a person wrote into the run form, as params or as what is wrong with it. Pure.
import type { ParamSpec, ParamValue } from '../../shared/pipeline/spec.ts'
import { assertNever } from '../../shared/run/states.ts'

/** As the form holds it: text, or a switch. */
export type Draft = Record<string, string | boolean>

export function firstDraft(params: readonly ParamSpec[]): Draft {
  return Object.fromEntries(
    params.map((param) => [
      param.name,
      param.type === 'boolean' ? param.default === true : String(param.default ?? ''),
    ]),
  )
}

export type Checked = { ok: true; value: ParamValue } | { ok: false; problem: string }

export function checkParam(param: ParamSpec, written: string | boolean): Checked {
  if (param.type === 'boolean') return { ok: true, value: written === true }
  const text = String(written)
  if (text.trim() === '') {
    if (param.type === 'string' && param.default !== null) return { ok: true, value: text }
    return { ok: false, problem: 'A value is needed.' }
  }
  switch (param.type) {
    case 'string':
      return { ok: true, value: text }
    case 'integer': {
      const value = Number(text)
      if (!/^[+-]?\d+$/.test(text.trim()) || !Number.isSafeInteger(value))
        return { ok: false, problem: 'Write a whole number, such as 12.' }
      return { ok: true, value }
    }
    case 'number': {
      const value = Number(text)
      if (!Number.isFinite(value)) return { ok: false, problem: 'Write a number, such as 0.5.' }
      return { ok: true, value }
    }
    case 'date':
      if (!isDay(text.trim()))
        return { ok: false, problem: 'Write a day that exists, such as 2026-01-31.' }
      return { ok: true, value: text.trim() }
    case 'choice':
      if (!param.choices.includes(text))
        return { ok: false, problem: `Choose one of ${param.choices.join(', ')}.` }
      return { ok: true, value: text }
    default:
      return assertNever(param.type)
  }
}

/** Whether a run of this file can use the date that it stands for. */
export function asksLogicalDate(text: string): boolean {
  return /\blogical_date\b|\bSLUICE_LOGICAL_DATE\b/.test(text)
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

export function checkDraft(
  params: readonly ParamSpec[],
  draft: Draft,
): { values: Record<string, ParamValue>; problems: Record<string, string> } {
  const values: Record<string, ParamValue> = {}
  const problems: Record<string, string> = {}
  for (const param of params) {
    const checked = checkParam(param, draft[param.name] ?? '')
    if (checked.ok) values[param.name] = checked.value
    else problems[param.name] = checked.problem
  }
  return { values, problems }
}
