// The rules of the house that a machine can check: which way imports point, what no file may do, and what it is called.
import { expect, test } from 'vitest'
import {
  findCycles,
  findReached,
  listFiles,
  readSources,
  readText,
} from './helpers/source-graph.ts'

const sources = readSources(['shared', 'electron', 'renderer', 'test', 'scripts'])
const files = [...sources.values()]
const product = files.filter(({ path }) => /^(?:shared|electron|renderer)\//.test(path))

// Imports point to a lower rank. Folders of one rank never import each other.
const ranks: readonly (readonly [RegExp, number])[] = [
  [/^shared\//, 0],
  [/^electron\/ports\//, 1],
  [/^electron\/system\//, 2],
  [
    /^electron\/(?:pipeline|triggers|engine|hosts|logs|artifacts|insight|governance|store|demo)\//,
    3,
  ],
  [/^electron\/api\//, 4],
  [/^electron\/(?:cli|server|desktop)\//, 5],
  [/^electron\/app\.ts$/, 6],
  [/^electron\/(?:main|preload|cli)\.ts$/, 7],
]

// What starts by itself: named by package.json, a bundler, a page or another program.
const entryPoints = [
  'electron/main.ts',
  'electron/preload.ts',
  'electron/cli.ts',
  'test/bench/bench.ts',
  'test/sim/sim.ts',
  ...files.map(({ path }) => path).filter((path) => path.endsWith('.config.ts')),
  // A script that is run by hand says so itself.
  ...listFiles('scripts', /\.ts$/).filter((path) =>
    [readText('package.json'), readText(path)].some((text) => text.includes(`node ${path}`)),
  ),
  ...pageScripts('renderer/index.html', 'renderer'),
  ...files.map(({ path }) => path).filter((path) => /\.(?:test|spec)\.tsx?$/.test(path)),
]

test('no file imports itself, however long the way round', () => {
  expect(findCycles(sources).map((cycle) => cycle.join(' > '))).toEqual([])
})

test('every folder of electron/ has a rank', () => {
  const electron = product.filter(({ path }) => path.startsWith('electron/'))
  expect(electron.map(({ path }) => path).filter((path) => rankOf(path) === null)).toEqual([])
})

test('imports point one way: entry points, app, faces, api, middle, system, ports, shared', () => {
  const wrong = product.flatMap(({ path, files: targets }) => {
    const rank = rankOf(path)
    return targets
      .filter((target) => {
        const targetRank = rankOf(target)
        if (rank === null || targetRank === null) return false
        return folderOf(path) !== folderOf(target) && targetRank >= rank
      })
      .map((target) => `${path} > ${target}`)
  })
  expect(wrong).toEqual([])
})

test('the renderer imports shared and itself; no product file imports tests or scripts', () => {
  const wrong = files.flatMap(({ path, files: targets }) =>
    targets
      .filter((target) => !mayImport(topOf(path), topOf(target)))
      .map((target) => `${path} > ${target}`),
  )
  expect(wrong).toEqual([])
})

test('shared runs anywhere: no Node, no packages but zod, no clock, no chance, no page', () => {
  const globals =
    /\b(?:Date\.now|new Date\(\)|Math\.random|performance\.|setTimeout\(|setInterval\(|process\.|Buffer\.|window\.|document\.)/
  const wrong = product
    .filter(({ path }) => path.startsWith('shared/'))
    .flatMap(({ path, code, imports }) => [
      ...imports
        .filter((name) => !name.startsWith('.') && name !== 'zod')
        .map((name) => `${path} > ${name}`),
      ...linesWith(path, code, globals),
    ])
  expect(wrong).toEqual([])
})

test('the renderer uses no Node', () => {
  const wrong = product
    .filter(({ path }) => path.startsWith('renderer/'))
    .flatMap(({ path, imports }) =>
      imports.filter((name) => name.startsWith('node:')).map((name) => `${path} > ${name}`),
    )
  expect(wrong).toEqual([])
})

test('only desktop/, main.ts and preload.ts import electron', () => {
  const wrong = product.filter(
    ({ path, imports }) =>
      imports.some((name) => name === 'electron' || name.startsWith('electron/')) &&
      !/^electron\/(?:desktop\/|main\.ts$|preload\.ts$)/.test(path),
  )
  expect(wrong.map(({ path }) => path)).toEqual([])
})

test('in electron/, the clock, timers and chance are read in system/ alone', () => {
  const wrong = product
    .filter(({ path }) => path.startsWith('electron/') && !path.startsWith('electron/system/'))
    .flatMap(({ path, code }) =>
      linesWith(
        path,
        code,
        /\b(?:Date\.now|new Date\(\)|performance\.now|setTimeout\(|setInterval\(|Math\.random)/,
      ),
    )
  expect(wrong).toEqual([])
})

// Playwright calls the default export of its global set-up.
const defaultExportWanted = ['test/e2e/build-first.ts']

test('there are no default exports but those that a tool asks for', () => {
  const wrong = files.filter(
    ({ path, code }) =>
      !path.endsWith('.config.ts') &&
      !defaultExportWanted.includes(path) &&
      /^export default\b/m.test(code),
  )
  expect(wrong.map(({ path }) => path)).toEqual([])
})

test('no file is dead', () => {
  const reached = findReached(sources, entryPoints)
  expect(files.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([])
})

test('a file is named after the one idea it holds, in the case of its kind', () => {
  const wrong = files
    .map(({ path }) => path)
    .filter((path) => {
      const name = path.slice(path.lastIndexOf('/') + 1).replace(/(?:\.[a-z]+)*\.tsx?$/, '')
      if (/^(?:utils?|helpers?|common|misc|types?|index)$/i.test(name)) return true
      const component = /^[A-Z][A-Za-z0-9]*$/.test(name) && path.endsWith('.tsx')
      return !component && !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)
    })
  expect(wrong).toEqual([])
})

test('no text names the place it was written in', () => {
  const workplace = new RegExp(['/wo', 'rk/(?:main|shared|\\.)|/tmp/bri', 'efs'].join(''))
  const texts = ['shared', 'electron', 'renderer', 'test', 'scripts', 'docs', 'bin', '.'].flatMap(
    (folder) =>
      folder === '.'
        ? ['README.md', 'CHANGELOG.md', 'package.json', 'electron-builder.yml']
        : listFiles(folder, /\.(?:ts|tsx|mjs|md|json|ya?ml|sh|sql|html|css)$/),
  )
  const wrong = texts.filter((path) => {
    try {
      return workplace.test(readText(path))
    } catch {
      return false // not there yet
    }
  })
  expect(wrong).toEqual([])
})

function rankOf(path: string): number | null {
  return ranks.find(([form]) => form.test(path))?.[1] ?? null
}

/** `electron/hosts` of `electron/hosts/fleet.ts`; a file right under `electron/` stands for itself. */
function folderOf(path: string): string {
  if (path.startsWith('shared/')) return 'shared'
  return path.split('/').slice(0, 2).join('/')
}

function topOf(path: string): string {
  return path.split('/')[0] ?? ''
}

function mayImport(from: string, to: string): boolean {
  if (from === to || to === 'shared') return true
  if (from === 'test' || from.endsWith('.config.ts')) return true
  return from === 'scripts' && (to === 'electron' || to === 'test')
}

function linesWith(path: string, code: string, form: RegExp): string[] {
  return code
    .split('\n')
    .flatMap((line, index) => (form.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : []))
}

function pageScripts(page: string, folder: string): string[] {
  if (listFiles(folder, /^index\.html$/).length === 0) return []
  return [...readText(page).matchAll(/<script[^>]+src="\.?\/?([^"]+\.tsx?)"/g)].map(
    (match) => `${folder}/${match[1]}`,
  )
}
