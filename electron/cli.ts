// Entry point of the `sluice` command: builds what commands are given, and keeps all that is heavy for the command that needs it.
import { readFileSync } from 'node:fs'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { dirname, join } from 'node:path'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'
import type { CliContext } from './cli/context.ts'

const { env } = process
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
// Before all other imports: with it a command starts in a third of the time. Beside our own packages, and not in the
// shared place that is the default, where another user could put what we would run.
enableCompileCache(join(root, 'node_modules/.cache/sluice'))

const { completeSluice, runSluice } = await import('./cli/sluice-command.ts')
const { makeTerminal } = await import('./cli/terminal.ts')
const { makeKeyboard } = await import('./cli/keyboard.ts')
const { onInterrupt } = await import('./cli/interrupt.ts')
const { systemClock } = await import('./system/clock.ts')
const { homePaths, sluiceHome } = await import('./system/home.ts')

const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const paths = homePaths(sluiceHome(), env)
const out = makeTerminal(process.stdout, env)
const err = makeTerminal(process.stderr, env)

const context: CliContext = {
  process: { stdout: out, stderr: err, env, exitCode: null },
  env,
  cwd: process.cwd(),
  paths,
  clock: systemClock,
  out,
  err,
  keyboard: makeKeyboard(() => process.stdin, isatty(0)),
  root,
  version: about.version,
  openApp: async (options) => {
    const app = await (await import('./app.ts')).openApp(options)
    // Else it is written at the end, and an engine that was killed is the one whose next start should be quick.
    flushCompileCache()
    return app
  },
  connect: async () => (await import('./server/local-socket.ts')).connectLocalSocket(paths.socket),
  openWeb: async (options) => {
    const { openHttpServer } = await import('./server/http-server.ts')
    const rendererDir = join(root, 'dist/renderer')
    return await openHttpServer({ ...options, rendererDir, clock: systemClock })
  },
  onInterrupt,
  exitCode: 0,
  workspaceAsked: null,
}

const argv = process.argv.slice(2)
if (argv[0] === '__complete') await completeSluice(context, argv.slice(1))
else process.exitCode = await runSluice(context, argv)
