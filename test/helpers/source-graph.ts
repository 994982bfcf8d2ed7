// The project's own files and what they import, read with a few patterns: enough for code in one style.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface SourceFile {
  /** From the root, with `/`. */
  path: string
  text: string
  /** Text without comments; strings stay. */
  code: string
  /** As written. */
  imports: readonly string[]
  /** Files of the project among `imports`. */
  files: readonly string[]
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const skipped = new Set([
  'node_modules',
  'dist',
  'fixtures',
  'data',
  '.git',
  'release',
  'test-results',
])

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** Every file under `folder` whose name matches; generated and foreign folders are left out. */
export function listFiles(folder: string, name: RegExp): string[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : listFiles(path, name)
    return name.test(entry.name) ? [path] : []
  })
}

/** Those of the folders, and the configuration files of the root. */
export function readSources(folders: readonly string[]): ReadonlyMap<string, SourceFile> {
  const paths = folders.flatMap((folder) => listFiles(folder, /\.(?:ts|tsx|mts|cts)$/))
  paths.push(...readdirSync(root).filter((name) => name.endsWith('.ts')))
  const known = new Set(paths)
  return new Map(paths.map((path) => [path, readSource(path, known)]))
}

function readSource(path: string, known: ReadonlySet<string>): SourceFile {
  const text = readText(path)
  const code = withoutComments(text)
  const imports = importsOf(code)
  const files = imports.flatMap((name) => resolve(path, name, known))
  return { path, text, code, imports, files }
}

const importForms = [
  /^\s*(?:import|export)\s[^'"`;]*?\sfrom\s+['"]([^'"]+)['"]/gm,
  /^\s*import\s+['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
  /\bnew URL\(\s*['"]([^'"]+)['"],\s*import\.meta\.url/g,
  /\brequire\(\s*['"]([^'"]+)['"]\s*\)/g,
]

function importsOf(code: string): string[] {
  return importForms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] ?? ''))
}

function resolve(from: string, name: string, known: ReadonlySet<string>): string[] {
  if (!name.startsWith('.')) return []
  const path = normalize(join(dirname(from), name.replace(/\?.*$/, '')))
  return [path, `${path}.ts`, `${path}.tsx`].filter((each) => known.has(each)).slice(0, 1)
}

// A string may hold `//`, so strings are stepped over first. A regex literal with a quote in it can fool this.
function withoutComments(text: string): string {
  const tokens =
    /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
  return text.replace(tokens, (token) =>
    token.startsWith('//') || token.startsWith('/*') ? token.replace(/[^\n]/g, '') : token,
  )
}

/** Each cycle once, as its files in order. */
export function findCycles(sources: ReadonlyMap<string, SourceFile>): string[][] {
  const cycles: string[][] = []
  const state = new Map<string, 'open' | 'done'>()
  const trail: string[] = []
  const visit = (path: string): void => {
    if (state.get(path) === 'done') return
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path])
      return
    }
    state.set(path, 'open')
    trail.push(path)
    for (const next of sources.get(path)?.files ?? []) visit(next)
    trail.pop()
    state.set(path, 'done')
  }
  for (const path of sources.keys()) visit(path)
  return cycles
}

/** Files that the roots reach by imports, or by naming them in a string. */
export function findReached(
  sources: ReadonlyMap<string, SourceFile>,
  roots: readonly string[],
): ReadonlySet<string> {
  const byName = new Map<string, string[]>()
  for (const path of sources.keys()) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    byName.set(name, [...(byName.get(name) ?? []), path])
  }
  const reached = new Set<string>()
  const waiting = [...roots]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const source = sources.get(path)
    if (source === undefined || reached.has(path)) continue
    reached.add(path)
    waiting.push(...source.files)
    const named = source.code.matchAll(/['"`/]([\w.-]+\.tsx?)['"`]/g)
    for (const match of named) waiting.push(...(byName.get(match[1] ?? '') ?? []))
  }
  return reached
}
