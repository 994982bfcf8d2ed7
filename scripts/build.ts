// Builds the three parts of the desktop app into dist/: main, preload and renderer. A part whose sources are
// unchanged since its last build is left alone, so that every command may call this first.
//   node scripts/build.ts [main] [preload] [renderer] [--force]
import { existsSync } from 'node:fs'
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { join, sep } from 'node:path'
import { parseArgs } from 'node:util'
import type { InlineConfig } from 'vite'
import { filesUnder, hashOfSources } from './source-hash.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const rendererConfig = join(root, 'vite.renderer.config.ts')

// Native or reaching for optional native parts: they stay packages in node_modules.
const packages = [
  'electron',
  'better-sqlite3',
  'ssh2',
  'cpu-features',
  'bufferutil',
  'utf-8-validate',
]
const external = [...packages, ...builtinModules, /^node:/, /^better-sqlite3\//, /^ssh2\//]

interface Part {
  name: 'main' | 'preload' | 'renderer'
  sources: readonly string[]
  config(outDir: string): InlineConfig
  finish?(outDir: string): Promise<void>
}

const parts: readonly Part[] = [
  {
    name: 'main',
    sources: ['electron', 'shared', 'package.json', 'scripts/build.ts'],
    config: (outDir) => ({
      configFile: false,
      build: {
        ssr: join(root, 'electron/main.ts'),
        target: 'node24',
        outDir,
        sourcemap: true,
        minify: false,
        // Flat: a module finds its files beside itself, so every chunk must lie beside them.
        rolldownOptions: {
          external,
          output: { format: 'es', entryFileNames: 'main.js', chunkFileNames: '[name]-[hash].js' },
        },
      },
      ssr: { noExternal: true, external: packages },
    }),
    finish: copyFilesOfModules,
  },
  {
    name: 'preload',
    sources: ['electron/preload.ts', 'shared', 'package.json', 'scripts/build.ts'],
    config: (outDir) => ({
      configFile: false,
      build: {
        // A sandboxed preload can load no other file: one CommonJS script.
        lib: {
          entry: join(root, 'electron/preload.ts'),
          formats: ['cjs'],
          fileName: () => 'preload.cjs',
        },
        target: 'chrome140',
        outDir,
        minify: false,
        rolldownOptions: { external: ['electron'] },
      },
    }),
  },
  {
    name: 'renderer',
    sources: ['renderer', 'shared', 'vite.renderer.config.ts', 'package.json', 'scripts/build.ts'],
    // How long the plug-ins took is no warning to a user who starts Sluice.
    config: (outDir) => ({
      configFile: rendererConfig,
      build: { outDir, rolldownOptions: { checks: { pluginTimings: false } } },
    }),
  },
]

export type PartName = Part['name']

/** Builds what has changed. `say` gets one line per part that was built or cannot be. */
export async function buildParts(
  names: readonly PartName[],
  options: { force?: boolean; say?: (line: string) => void } = {},
): Promise<void> {
  const say = options.say ?? (() => {})
  for (const part of parts) {
    if (!names.includes(part.name)) continue
    if (part.name === 'renderer' && !existsSync(join(root, 'renderer/main.tsx'))) {
      say('renderer: skipped, there is no renderer/main.tsx')
      continue
    }
    await buildPart(part, options.force === true, say)
  }
}

async function buildPart(part: Part, force: boolean, say: (line: string) => void): Promise<void> {
  const stampFile = join(dist, `.${part.name}.stamp`)
  const stamp = await hashOfSources(root, part.sources)
  const outDir = join(dist, part.name)
  const last = await readFile(stampFile, 'utf8').catch(() => '')
  if (!force && last === stamp && existsSync(outDir)) return

  // Built aside and swapped in: a reader never meets half a build.
  const aside = join(dist, `.${part.name}-${process.pid}`)
  const startedAt = performance.now()
  try {
    // Only now: most calls find nothing to build, and the bundler takes longer to load than to look.
    const { build } = await import('vite')
    const config = part.config(aside)
    await build({
      root,
      logLevel: 'warn',
      ...config,
      ...(part.name === 'renderer' ? { root: join(root, 'renderer') } : {}),
      build: { ...config.build, emptyOutDir: true },
    })
    await part.finish?.(aside)
    await rm(outDir, { recursive: true, force: true })
    await rename(aside, outDir)
    await writeFile(stampFile, stamp)
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
  say(`${part.name}: built in ${Math.round(performance.now() - startedAt)} ms`)
}

// A module reads its own files by `new URL('./agent/head.sh', import.meta.url)`. In the bundle all modules lie in
// one folder, so what lies beside any module under electron/ goes there, under its own name.
async function copyFilesOfModules(outDir: string): Promise<void> {
  const ownerByPath = new Map<string, string>()
  for (const path of await filesUnder(root, 'electron')) {
    const [, , ...inFolder] = path.split(sep)
    if (inFolder.length === 0 || /\.[cm]?tsx?$/.test(path)) continue
    const target = join(...inFolder)
    const owner = ownerByPath.get(target)
    if (owner !== undefined)
      throw new Error(`${owner} and ${path} would be one file in the bundle: rename one.`)
    ownerByPath.set(target, path)
    await cp(join(root, path), join(outDir, target))
  }
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { force: { type: 'boolean', default: false } },
  })
  const all = parts.map((part) => part.name)
  const unknown = positionals.find((name) => !all.some((known) => known === name))
  if (unknown !== undefined) {
    console.error(`There is no part "${unknown}". Parts: ${all.join(', ')}.`)
    process.exit(2)
  }
  const names = positionals.length === 0 ? all : all.filter((name) => positionals.includes(name))
  try {
    await buildParts(names, { force: values.force, say: (line) => console.log(line) })
  } catch (error) {
    // The bundler's own words say the file and the line; our stack would bury them.
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
