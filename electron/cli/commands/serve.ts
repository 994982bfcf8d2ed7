// sluice serve
import { command, printJson } from '../command.ts'
import type { CliContext, WebServer } from '../context.ts'
import { jsonFlag, wholeNumber, workspaceFlag } from '../flags.ts'
import { paintFor } from '../paint.ts'
import { findWorkspace } from '../workspace-folder.ts'
import { plural } from '../words.ts'
import type { App } from '../../api/app-face.ts'
import { AppError } from '../../../shared/api/app-error.ts'

interface Flags {
  workspace?: string
  port?: number
  json: boolean
}

export const serveCommand = command<Flags>(
  {
    docs: {
      brief: 'Be the engine that stays: runs, schedules and, with --port, the screens in a browser',
      fullDescription:
        'Listens on the socket of the Sluice home. With --port also on 127.0.0.1, for a browser that brings the token of the printed address. Ends at Ctrl-C; tasks go on at their hosts and are found again by the next engine.',
    },
    parameters: {
      flags: {
        workspace: workspaceFlag,
        port: {
          kind: 'parsed',
          parse: wholeNumber(0),
          optional: true,
          placeholder: 'N',
          brief: 'Serve the screens on this port of 127.0.0.1; 0: any free one',
        },
        json: jsonFlag,
      },
      aliases: { w: 'workspace', p: 'port' },
    },
  },
  async (context, flags) => {
    const workspace = findWorkspace(context)
    const { env, paths } = context
    const app = await context.openApp({
      home: paths.home,
      workspace,
      face: 'serve',
      mode: 'engine',
      env,
    })
    try {
      const web = flags.port === undefined ? null : await openWeb(context, app, flags.port)
      try {
        tellServing(context, { app, workspace, web, json: flags.json })
        await untilInterrupted(context, app)
      } finally {
        await web?.close()
      }
    } finally {
      await app.close()
    }
  },
)

export async function openWeb(context: CliContext, app: App, port: number): Promise<WebServer> {
  if (port > 65_535) throw new AppError('bad-input', `There is no port ${port}.`)
  return await context.openWeb({ api: app.api, port, onBug: app.onBug })
}

/** Resolves at the first Ctrl-C or polite end; a second one ends the process at once. Rejects when the store fails. */
export function untilInterrupted(context: CliContext, app: App): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = context.onInterrupt(() => {
      stop()
      resolve()
    })
    app.onFatal((error) => {
      stop()
      reject(error)
    })
  })
}

interface Serving {
  app: App
  workspace: string | null
  web: WebServer | null
  json: boolean
}

function tellServing(context: CliContext, { app, workspace, web, json }: Serving): void {
  const { socket } = context.paths
  if (json)
    return printJson(context, { pid: process.pid, socket, workspace, url: web?.url ?? null })
  const paint = paintFor(context.out)
  context.out.write(`Sluice serves ${paint('bold', workspace ?? 'no workspace')} at ${socket}\n`)
  if (app.recovered > 0)
    context.out.write(`Goes on with ${plural(app.recovered, 'unfinished run')}.\n`)
  if (web !== null) context.out.write(`Open ${paint('cyan', web.url)}\n`)
  context.out.write(paint('dim', 'Ctrl-C ends it; tasks on hosts go on.\n'))
}
