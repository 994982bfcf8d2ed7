// Types of expressions. What an expression says about a task is replaced by a variable of the type that the task gives,
// so that the checker knows `tasks.count.state == 3` for wrong without a type for each task.
import type { Environment } from '@marcbachmann/cel-js'
import type { ParamType } from '../../shared/pipeline/spec.ts'
import type { Wanted } from './expression-scope.ts'

export const celTypes: Readonly<Record<ParamType, string>> = {
  string: 'string',
  date: 'string',
  choice: 'string',
  integer: 'int',
  number: 'double',
  boolean: 'bool',
}

const stand: Readonly<Record<string, string>> = {
  state__: 'string',
  values__: 'map<string, dyn>',
  lists__: 'map<string, list<dyn>>',
  string__: 'string',
  int__: 'int',
  double__: 'double',
  bool__: 'bool',
}

export function registerLate(cel: Environment): void {
  for (const [name, type] of Object.entries(stand)) cel.registerVariable(name, type)
  cel.registerVariable('item', 'dyn')
  cel.registerVariable('item_index', 'int')
  cel.registerVariable('outputs', 'map<string, dyn>')
  cel.registerVariable({ name: 'run', schema: { id: 'string', state: 'string' } })
}

export function standFor(what: 'state' | 'values' | 'lists' | ParamType): string {
  if (what === 'state' || what === 'values' || what === 'lists') return `${what}__`
  return `${celTypes[what]}__`
}

export interface Edit {
  start: number
  end: number
  text: string
}

/** With parts replaced; `back` gives the place in the source of one in the text. */
export function edited(
  source: string,
  edits: readonly Edit[],
): { text: string; back: (offset: number) => number } {
  const inOrder = [...edits].sort((a, b) => a.start - b.start)
  let text = ''
  let at = 0
  for (const edit of inOrder) {
    text += source.slice(at, edit.start) + edit.text
    at = edit.end
  }
  text += source.slice(at)
  const back = (offset: number): number => {
    let shift = 0
    for (const edit of inOrder) {
      const start = edit.start + shift
      if (offset < start) break
      if (offset < start + edit.text.length) return edit.start
      shift += edit.text.length - (edit.end - edit.start)
    }
    return offset - shift
  }
  return { text, back }
}

const scalars: readonly string[] = ['string', 'int', 'double', 'bool']

/** null: it fits, or cannot be known before the run. */
export function typeFault(type: string, wanted: Wanted): { message: string; hint: string } | null {
  if (type === 'dyn') return null
  const isList = type.startsWith('list')
  switch (wanted.kind) {
    case 'text':
      if (scalars.includes(type)) return null
      return {
        message: `The expression gives ${kindOf(type)}; a variable holds text.`,
        hint: 'Take one element of it, or make a text of it: json(...).',
      }
    case 'bool':
      return type === 'bool'
        ? null
        : {
            message: `The expression gives ${kindOf(type)}; here it has to give true or false.`,
            hint: 'Compare it with something: ==, !=, <, >.',
          }
    case 'list':
      return isList
        ? null
        : {
            message: `The expression gives ${kindOf(type)}; here it has to give a list.`,
            hint: 'For example: text.split(",")',
          }
    case 'choice':
      return type === 'string' || type === 'bool' || isList
        ? null
        : {
            message: `The expression gives ${kindOf(type)}; here it has to give the name of a task, a list of names, true or false.`,
            hint: '',
          }
    case 'param':
      return paramFault(type, wanted.type)
  }
}

// A text may turn out to fit: it is read as a value from a command line is.
function paramFault(type: string, wanted: ParamType): { message: string; hint: string } | null {
  const fitting: Readonly<Record<ParamType, readonly string[]>> = {
    string: scalars,
    choice: scalars,
    date: ['string'],
    integer: ['int', 'string'],
    number: ['int', 'double', 'string'],
    boolean: ['bool', 'string'],
  }
  if (fitting[wanted].includes(type)) return null
  return {
    message: `The expression gives ${kindOf(type)}; the param is of type ${wanted}.`,
    hint: '',
  }
}

function kindOf(type: string): string {
  if (type.startsWith('list')) return 'a list'
  if (type.startsWith('map') || type.startsWith('$')) return 'a mapping'
  if (type === 'int') return 'an integer'
  if (type === 'double') return 'a number'
  if (type === 'bool') return 'true or false'
  return type === 'string' ? 'a text' : `a ${type}`
}
