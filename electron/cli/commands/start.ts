// sluice start: what `npm start` does
import { command, printJson } from '../command.ts'
import type { CliContext } from '../context.ts'
import { buildScreens } from '../build-screens.ts'
import { findElectron, openDesktop } from '../electron-binary.ts'
import { jsonFlag, wholeNumber, workspaceFlag } from '../flags.ts'
import { paintFor } from '../paint.ts'
import { findWorkspace } from '../workspace-folder.ts'
import { openWeb, untilInterrupted } from './serve.ts'
import { AppError } from '../../../shared/api/app-error.ts'

interface Flags {
  workspace?: string
  browser: boolean
  port: number
  json: boolean
}

interface Place {
  workspace: string
  demo: boolean
}

export const startCommand = command<Flags>(
  {
    docs: {
      brief: 'Open Sluice: a window, or the browser where there is no Electron or no screen',
      fullDescription:
        'In the workspace given or found; where there is none, in a demo workspace with three embedded SSH hosts, kept in the Sluice home.',
    },
    parameters: {
      flags: {
        workspace: workspaceFlag,
        browser: {
          kind: 'boolean',
          default: false,
          withNegated: false,
          brief: 'Serve the browser, also where a window could be opened',
        },
        port: {
          kind: 'parsed',
          parse: wholeNumber(0),
          default: '0',
          placeholder: 'N',
          brief: 'Port for the browser; 0: any free one',
        },
        json: jsonFlag,
      },
      aliases: { w: 'workspace', p: 'port' },
    },
  },
  async (context, flags) => {
    await assertNoEngine(context)
    const place = await findPlace(context)
    const electron = flags.browser ? { kind: 'none' as const, why: '' } : findElectron(context)
    await buildScreens(context, electron.kind === 'found' ? 'all' : 'renderer')
    if (electron.kind === 'found') return await openDesktop(context, electron.path, place)
    if (electron.why !== '')
      context.err.write(`${electron.why} The browser shows the same screens.\n`)
    return await serveBrowser(context, place, flags)
  },
)

async function assertNoEngine(context: CliContext): Promise<void> {
  const client = await context.connect()
  if (client === null) return
  const info = await client.call('system.info', {})
  client.close()
  throw new AppError(
    'engine-busy',
    `Sluice is open already: ${info.face}, pid ${info.pid}, on ${info.workspace || 'no workspace'}.`,
    { hint: 'Use that one or end it; another home can be open beside it: SLUICE_HOME.' },
  )
}

async function findPlace(context: CliContext): Promise<Place> {
  const own = findWorkspace(context)
  if (own !== null) return { workspace: own, demo: false }
  const { demoWorkspace } = await import('../../demo/demo.ts')
  return { workspace: await demoWorkspace(context.paths.demo), demo: true }
}

async function serveBrowser(
  context: CliContext,
  { workspace, demo }: Place,
  flags: Flags,
): Promise<void> {
  const { env, paths } = context
  const { home } = paths
  const app = await context.openApp({ home, workspace, face: 'serve', mode: 'engine', demo, env })
  try {
    const web = await openWeb(context, app, flags.port)
    try {
      if (flags.json) printJson(context, { pid: process.pid, workspace, demo, url: web.url })
      else {
        const paint = paintFor(context.out)
        const what = demo ? 'the demo workspace, which is yours to edit' : 'the workspace'
        context.out.write(`\nSluice is up on ${what}:\n  ${workspace}\n\n`)
        context.out.write(`Open ${paint('cyan', web.url)}\n\n`)
        context.out.write(paint('dim', 'Ctrl-C ends it; tasks on hosts go on.\n'))
      }
      await untilInterrupted(context, app)
    } finally {
      await web.close()
    }
  } finally {
    await app.close()
  }
}
