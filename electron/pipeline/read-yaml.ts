// YAML to plain values, strictly: what loaders read differently, or lose without a word, is a fault here.
//   Y1  The work is bounded before it is done: tokens and depth are counted while lexing, aliases while building.
//   Y2  A number keeps its value or is refused; its text as written stays at hand for fields that are text.
//   Y3  One document, one meaning per key, no merge keys, no tags beyond the core ones, no YAML 1.1.
import { Composer, CST, Lexer, Parser } from 'yaml'
import type { Document, YAMLError } from 'yaml'
import { buildTree } from './yaml-tree.ts'
import type { Fault, YamlTree } from './yaml-tree.ts'

/** About 700 tasks of eight lines. Lexes in well under 200 ms. */
const tokensMax = 60_000
/** Levels of the parser's stack. */
const depthMax = 64
const faultsMax = 20
/** The parser builds an error, with its stack, for each tag that it does not like. */
const tagsMax = 100

export type ReadYaml = { tree: YamlTree | null; faults: Fault[] }

export function readYaml(text: string): ReadYaml {
  const bounded = parseBounded(text)
  if ('message' in bounded) return { tree: null, faults: [bounded] }
  const options = { uniqueKeys: false, prettyErrors: false, strict: true, merge: false } as const
  const documents = [...new Composer(options).compose(bounded.tokens, true, text.length)]
  const document = documents[0]
  const second = documents[1]
  if (document === undefined) return { tree: null, faults: [] }
  const errors = documents.flatMap((each) => [...each.errors, ...each.warnings.filter(isGrave)])
  if (errors.some(({ message }) => /Missing closing .quote/.test(message))) {
    return { tree: null, faults: [openQuote(bounded.quoteOffset)] }
  }
  const faults = [...errors.map((error) => syntaxFault(error, text)), ...directiveFault(document)]
  if (second !== undefined) faults.push(secondDocument(second))
  if (faults.length > 0) return { tree: null, faults: firstPerLine(faults, text) }
  return buildTree(document.contents, text)
}

interface Bounded {
  tokens: CST.Token[]
  /** Where the last text in quotes starts: one that is not closed runs to the end. */
  quoteOffset: number
}

function parseBounded(text: string): Bounded | Fault {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let count = 0
  let offset = 0
  let quoteOffset = 0
  let tags = 0
  for (const lexeme of new Lexer().lex(text)) {
    count += 1
    if (lexeme.startsWith('!')) tags += 1
    if (lexeme.startsWith('"') || lexeme.startsWith("'")) quoteOffset = offset
    // The lexer's own marks stand for no character.
    if (!marks.has(lexeme)) offset += lexeme.length
    for (const token of parser.next(lexeme)) tokens.push(token)
    if (parser.stack.length > depthMax) {
      return {
        offset: Math.min(offset, text.length),
        message: 'Lists and mappings are nested too deeply here.',
        hint: 'No field of Sluice needs more than six levels.',
      }
    }
    if (tags > tagsMax) {
      return {
        offset: Math.min(offset - lexeme.length, text.length),
        message: `The file has more than ${tagsMax} tags.`,
        hint: 'Sluice reads plain values only: delete them.',
      }
    }
    if (count > tokensMax) {
      return {
        offset: Math.min(offset, text.length),
        message: `The file has more than ${tokensMax.toLocaleString('en')} YAML tokens.`,
        hint: 'Split the pipeline.',
      }
    }
  }
  for (const token of parser.end()) tokens.push(token)
  return { tokens, quoteOffset }
}

const marks = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR])

// Unknown tags are found again while the tree is built, with all other problems.
function isGrave(warning: YAMLError): boolean {
  return warning.code !== 'TAG_RESOLVE_FAILED'
}

function openQuote(offset: number): Fault {
  return { offset, message: 'The quote that opens here is not closed.', hint: '' }
}

function directiveFault(document: Document.Parsed): Fault[] {
  const version = document.directives.yaml
  if (version.explicit !== true || version.version === '1.2') return []
  return [
    {
      offset: 0,
      message: `The file asks for YAML ${version.version}; Sluice reads YAML 1.2.`,
      hint: 'Delete the %YAML line. In 1.2 only true and false are booleans, and 0o17 is octal.',
    },
  ]
}

function secondDocument(document: Document.Parsed): Fault {
  return {
    offset: document.range[0],
    message: 'A second document starts here; a file holds one.',
    hint: 'Put each pipeline in a file of its own.',
  }
}

// The parser's errors follow each other; the first of a line is the one that helps.
function firstPerLine(faults: readonly Fault[], text: string): Fault[] {
  const seen = new Set<number>()
  const kept: Fault[] = []
  for (const fault of faults) {
    const lineStart = text.lastIndexOf('\n', (fault.offset ?? 0) - 1)
    if (seen.has(lineStart)) continue
    seen.add(lineStart)
    kept.push(fault)
    if (kept.length === faultsMax) break
  }
  return kept
}

function syntaxFault(error: YAMLError, text: string): Fault {
  const offset = error.pos[0]
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  const line = text.slice(lineStart, offset + 80).split('\n', 1)[0] ?? ''
  const value = /^[\s-]*["']?[\w.-]+["']?:\s+(.*)$/.exec(line)?.[1] ?? ''
  if (/^[*\d/,-]+(\s+[*\d/,-]+){4}\s*$/.test(value) || /^\*(\/\d+)?\s/.test(value)) {
    return {
      offset: lineStart + line.indexOf(value),
      message: 'A value that starts with * is a YAML alias.',
      hint: `Put the expression in quotes: "${value.trim()}"`,
    }
  }
  if (/^@\w/.test(value)) {
    return {
      offset: lineStart + line.indexOf(value),
      message: 'A value may not start with @ in YAML.',
      hint: `Put it in quotes: "${value.trim()}"`,
    }
  }
  if (/^[%`]/.test(value)) {
    return {
      offset: lineStart + line.indexOf(value),
      message: `A value may not start with ${value[0]} in YAML.`,
      hint: 'Put it in quotes.',
    }
  }
  const [message, hint] = words(error)
  return { offset, message, hint }
}

function words(error: YAMLError): [message: string, hint: string] {
  const plain = error.message.replace(/:$/, '').replace(/\.?$/, '.')
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return ['A tab indents this line; YAML wants spaces.', 'Replace the tab by two spaces.']
    case 'BAD_INDENT':
      return [plain, 'Line up the fields of one mapping in the same column.']
    case 'MISSING_CHAR':
      return [plain, 'A bracket or a quote may be missing before this place.']
    case 'BLOCK_AS_IMPLICIT_KEY':
      return [
        'A mapping may not start in the middle of a line here.',
        'A text that holds ": " needs quotes.',
      ]
    case 'MULTILINE_IMPLICIT_KEY':
      return ['A ":" is missing after this name, or this text needs quotes.', '']
    case 'BAD_ALIAS':
      return [plain, 'A value that starts with * names an anchor. Quotes make it a text.']
    case 'BAD_DIRECTIVE':
      return [plain, 'Delete the line that starts with %.']
    default:
      return [plain, '']
  }
}
