// The evaluator of what can be known only while a run goes on (the port `Evaluator`). The same language, and the same
// bounds, as in expression.ts; values of the run are taken as they are, and never become part of any text that is parsed.
import type { Environment } from '@marcbachmann/cel-js'
import type { JsonValue } from '../../shared/run/json.ts'
import { printable } from '../../shared/pipeline/printable.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import type { Evaluated, Evaluator, RunScope } from '../ports/evaluator.ts'
import { newCel, withMixedNumbers } from './cel.ts'
import { celFault } from './cel-fault.ts'
import { fromCel, newTally, shown, toCel } from './cel-values.ts'
import type { Tally } from './cel-values.ts'
import { runBounded } from './evaluation-cost.ts'
import { costFaults, loopVariables, withTicks } from './loops.ts'
import { rootsOf, taskReferences } from './task-references.ts'
import type { TaskReference } from './task-references.ts'
import { splitTemplate } from './template.ts'
import type { TemplatePart } from './template.ts'

const textLengthMax = 100_000
const whyMax = 1000
const templateLengthMax = 100_000
/** Templates that are kept read. */
const keptMax = 2000

interface Program {
  source: string
  references: readonly TaskReference[]
  roots: ReadonlyMap<string, number>
  run: (context: Record<string, unknown>) => unknown
}

type Part = { kind: 'text'; text: string } | { kind: 'program'; program: Program }
type Read = { ok: true; parts: readonly Part[] } | { ok: false; why: string }

export function openEvaluator(): Evaluator {
  const cel = lateCel()
  const kept = new Map<string, Read>()
  const read = (template: string): Read => {
    const known = kept.get(template)
    if (known !== undefined) return known
    const fresh = readTemplate(cel, template)
    if (kept.size >= keptMax) kept.delete(kept.keys().next().value as string)
    kept.set(template, fresh)
    return fresh
  }
  return {
    text: (template, scope) => {
      const parts = read(template)
      return parts.ok ? textOf(parts.parts, scope) : parts
    },
    value: (template, scope) => {
      const parts = read(template.trim())
      if (!parts.ok) return parts
      const [part] = parts.parts
      if (parts.parts.length !== 1 || part?.kind !== 'program') {
        return no(`"${short(template)}" is not one expression in \${{ }}.`)
      }
      const result = evaluate(part.program, scope)
      if (!result.ok) return result
      const json = fromCel(result.value)
      return json.ok ? json : no(`${inWords(part.program)}: ${json.why}.`)
    },
    readsItem(template) {
      const parts = read(template.trim())
      return (
        parts.ok && parts.parts.some((part) => part.kind === 'program' && isOfItem(part.program))
      )
    },
  }
}

// One environment for all pipelines: names were checked against the pipeline when it was loaded, and types are those of
// the values.
function lateCel(): Environment {
  const cel = withMixedNumbers(newCel())
  for (const name of ['params', 'tasks', 'outputs']) cel.registerVariable(name, 'map<string, dyn>')
  for (const name of ['vars', 'env', 'run']) cel.registerVariable(name, 'map<string, string>')
  for (const name of ['environment', 'pipeline', 'logical_date']) {
    cel.registerVariable(name, 'string')
  }
  cel.registerVariable('item', 'dyn')
  cel.registerVariable('item_index', 'int')
  return cel
}

function readTemplate(cel: Environment, template: string): Read {
  if (template.length > templateLengthMax) {
    return no(`The template has ${template.length} characters; the limit is ${templateLengthMax}.`)
  }
  const split = splitTemplate(template)
  if (!split.ok) return no(`The expressions of "${short(template)}" cannot be read.`)
  const parts: Part[] = []
  for (const part of split.parts) {
    const readPart = part.kind === 'text' ? part : readExpression(cel, part)
    if ('why' in readPart) return readPart
    parts.push(readPart)
  }
  return { ok: true, parts }
}

function readExpression(
  cel: Environment,
  part: TemplatePart & { kind: 'expression' },
): Part | { ok: false; why: string } {
  const { source } = part
  try {
    const { ast } = cel.parse(source)
    const [refused] = costFaults(ast)
    if (refused !== undefined) return no(`${inWords({ source })} is refused: ${refused.message}`)
    return {
      kind: 'program',
      program: {
        source,
        references: taskReferences(ast, () => false),
        roots: rootsOf(ast, loopVariables(ast)),
        run: cel.parse(withTicks(source, ast)),
      },
    }
  } catch (error) {
    return no(`${inWords({ source })} cannot be read: ${celFault(error, source, 0).message}`)
  }
}

function textOf(parts: readonly Part[], scope: RunScope): Evaluated<string> {
  let text = ''
  for (const part of parts) {
    if (part.kind === 'text') text += part.text
    else {
      const result = evaluate(part.program, scope)
      if (!result.ok) return result
      const { value } = result
      if (!isScalar(value)) {
        return no(
          `${inWords(part.program)} gives ${shown(value)}, which is no text; json(...) makes a text of anything.`,
        )
      }
      text += String(value)
    }
    if (text.length > textLengthMax) {
      return no(`The value has more than ${textLengthMax.toLocaleString('en')} characters.`)
    }
  }
  // What no environment variable can hold.
  if (text.includes('\0')) return no('The value holds a NUL character, which no command can take.')
  if (!text.isWellFormed()) return no('The value holds half of a character (a lone surrogate).')
  return { ok: true, value: text }
}

function isScalar(value: unknown): value is string | bigint | number | boolean {
  return ['string', 'bigint', 'number', 'boolean'].includes(typeof value)
}

function evaluate(program: Program, scope: RunScope): Evaluated<unknown> {
  const absent = absentRoot(program, scope)
  if (absent !== null) return no(`${inWords(program)}: ${absent}.`)
  const tally = newTally()
  const context = contextOf(program, scope, tally)
  if (context === null) {
    return no(`${inWords(program)}: its values are too large to look at.`)
  }
  try {
    return { ok: true, value: runBounded(() => program.run(context), tally) }
  } catch (error) {
    return no(`${inWords(program)}: ${whyNot(program, scope, error)}`)
  }
}

function isOfItem({ roots }: Program): boolean {
  return roots.has('item') || roots.has('item_index')
}

function absentRoot(program: Program, scope: RunScope): string | null {
  const { roots } = program
  if (scope.item === undefined && isOfItem(program)) return 'this is no item of a fan-out'
  if (scope.logicalDate === null && roots.has('logical_date')) return 'the run has no logical date'
  return null
}

/** null: too much to look at. Only what the expression names is there. */
function contextOf(
  program: Program,
  scope: RunScope,
  tally: Tally,
): Record<string, unknown> | null {
  const { roots } = program
  const context: Record<string, unknown> = {
    vars: new Map(Object.entries(scope.vars)),
    env: new Map([['name', scope.environment]]),
    run: runOf(program, scope),
    environment: scope.environment,
    pipeline: scope.pipeline,
    logical_date: scope.logicalDate ?? '',
  }
  const late = (name: string, value: JsonValue): boolean => {
    const converted = toCel(value, tally)
    if (converted !== null) context[name] = converted.value
    return converted !== null
  }
  if (roots.has('params') && !late('params', scope.params)) return null
  if (scope.item !== undefined) {
    if (roots.has('item') && !late('item', scope.item.value)) return null
    context['item_index'] = BigInt(scope.item.index)
  }
  // Of a fan-out, outputs are gathered from all items: only for who asks.
  if (roots.has('outputs') && !late('outputs', scope.task(scope.self)?.outputs ?? {})) return null
  return !roots.has('tasks') || late('tasks', tasksOf(program, scope)) ? context : null
}

function runOf({ roots, source }: Program, scope: RunScope): ReadonlyMap<string, string> {
  const run = new Map([['id', scope.run]])
  // Only who asks makes the engine look at all tasks.
  if (roots.has('run') && /\bstate\b/.test(source)) run.set('state', scope.runState())
  return run
}

// Not an interface: it has to be a JSON value.
type TaskValues = { state: string; outputs: Record<string, JsonValue> }

/** The tasks that the expression names; of their outputs only those that it reads, where it says which. */
function tasksOf({ references }: Program, scope: RunScope): JsonValue {
  const tasks = Object.create(null) as Record<string, TaskValues>
  const found = new Map<string, ReturnType<RunScope['task']>>()
  for (const { task: name, member, key } of references) {
    const task = found.get(name) ?? scope.task(name)
    found.set(name, task)
    if (task === null) continue
    const known = (tasks[name] ??= {
      state: task.state,
      outputs: Object.create(null) as TaskValues['outputs'],
    })
    if (member === 'state') continue
    if (key === null) Object.assign(known.outputs, task.outputs)
    else if (Object.hasOwn(task.outputs, key)) known.outputs[key] = task.outputs[key] as JsonValue
  }
  return tasks
}

/** The end of a sentence, with its full stop. */
function whyNot(program: Program, scope: RunScope, error: unknown): string {
  const { message, hint } = celFault(error, program.source, 0)
  const missing = /^No such key: (.*)\.$/.exec(message)?.[1]
  if (missing !== undefined) return missingWords(program, scope, missing)
  const found = program.references.flatMap(({ task, member, key, start, end }) => {
    const outputs = member === 'outputs' ? scope.task(task)?.outputs : undefined
    if (outputs === undefined || key === null || !Object.hasOwn(outputs, key)) return []
    const { value } = toCel(outputs[key] as JsonValue, newTally()) ?? { value: null }
    return [`${program.source.slice(start, end)} is ${shown(value)}`]
  })
  const where = found.length === 0 ? '' : `; ${someOf(new Set(found), 3)}`
  const way = hint === '' ? '' : ` (${hint.replace(/\.$/, '')})`
  return `${lowered(message).replace(/\.$/, '')}${where}${way}.`
}

function missingWords({ references, roots }: Program, scope: RunScope, missing: string): string {
  const own = scope.task(scope.self)
  const read = references.map(({ task: name, key }) => ({ name, key, task: scope.task(name) }))
  if (roots.has('outputs')) read.push({ name: scope.self, key: missing, task: own })
  for (const { name, key, task } of read) {
    if (task === null) {
      if (name === missing) return `the run has no task "${name}".`
    } else if (key === missing && !Object.hasOwn(task.outputs, key)) {
      const known = Object.keys(task.outputs)
      const has = known.length === 0 ? 'it gave none' : `it gave ${someOf(known)}`
      return `the task "${name}" (${task.state}) has no output value "${key}"; ${has}.${didYouMean(key, known)}`
    }
  }
  return `there is no ${short(JSON.stringify(missing))} where it is looked for.`
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}

function inWords({ source }: { source: string }): string {
  return `\${{ ${short(source.trim())} }}`
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 120 ? `${line.slice(0, 117)}...` : line
}

// A sentence quotes values of the run, whatever they are.
function no(why: string): { ok: false; why: string } {
  return { ok: false, why: printable(why.length > whyMax ? `${why.slice(0, whyMax - 3)}...` : why) }
}
