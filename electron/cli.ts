// Entry point of the `sluice` command: builds what commands are given, and keeps all that is heavy for the command that needs it.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CliContext } from './cli/context.ts'
import { completeSluice, runSluice } from './cli/sluice-command.ts'
import { makeTerminal } from './cli/terminal.ts'
import { onInterrupt } from './cli/interrupt.ts'
import { systemClock } from './system/clock.ts'
import { homePaths, sluiceHome } from './system/home.ts'

const { env } = process
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
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
  root,
  version: about.version,
  openApp: async (options) => (await import('./app.ts')).openApp(options),
  connect: async () => (await import('./server/local-socket.ts')).connectLocalSocket(paths.socket),
  openWeb: async (options) => {
    const { openHttpServer } = await import('./server/http-server.ts')
    const rendererDir = join(root, 'dist/renderer')
    return await openHttpServer({ ...options, rendererDir, clock: systemClock })
  },
  onInterrupt,
  exitCode: 0,
}

const argv = process.argv.slice(2)
if (argv[0] === '__complete') await completeSluice(context, argv.slice(1))
else process.exitCode = await runSluice(context, argv)
