// Sluice, open on one home: the one place where the parts are made and handed to each other.
//   A1  One engine per home, held by a lock that the system frees however the process ends. The others are its clients.
//   A2  What is opened joins the scope on the same line; the scope closes newest first. Tasks go on at their hosts.
//   A3  Unfinished runs belong to the workspace they were started in: their host names mean its machines.
import { watch } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { App, OpenAppOptions } from './api/app-face.ts'
import { openAsks } from './api/asks.ts'
import { openBlobSweeps } from './api/blob-sweep.ts'
import { openDrain } from './api/drain.ts'
import { openIncidents } from './api/incidents.ts'
import { openJudgement } from './api/judgement.ts'
import { makeApi } from './api/handlers.ts'
import { clientId, isFolder, ownWorkspace, realPath, takeHome } from './api/own-home.ts'
import { followWorkspace, openHostFleets } from './api/host-fleets.ts'
import type { HostFleets } from './api/host-fleets.ts'
import type { ApiParts, WavesPart, WorkspaceNow, WorkspacePart } from './api/parts.ts'
import { openRootCauses } from './api/root-cause.ts'
import { startPlanned } from './api/start-planned.ts'
import { makeSchedulePart, schedulesOf } from './api/schedule-part.ts'
import { openScope } from './api/scope.ts'
import type { Scope } from './api/scope.ts'
import { secretVariables } from './api/secret-names.ts'
import { openWaves } from './api/wave-loop.ts'
import { openWorkspaceFiles } from './api/workspace-files.ts'
import { openBlobFiles } from './artifacts/blob-files.ts'
import { openDemo } from './demo/demo.ts'
import type { Engine } from './engine/engine.ts'
import { openEngine } from './engine/loop.ts'
import { openKeyring } from './hosts/keyring.ts'
import { openConnectBudget } from './hosts/connect-budget.ts'
import { openFleet } from './hosts/fleet.ts'
import { openKnownFolders } from './hosts/known-folders.ts'
import { openLocalTerminal } from './hosts/local-terminal.ts'
import { localTransport } from './hosts/local-transport.ts'
import { openSshConfig } from './hosts/ssh-config.ts'
import { sshTransport } from './hosts/ssh-transport.ts'
import { openTrust } from './hosts/trust.ts'
import { openLogFiles } from './logs/log-files.ts'
import { openEvaluator } from './pipeline/late-expressions.ts'
import type { Evaluator } from './ports/evaluator.ts'
import type { Placement } from './ports/placement.ts'
import { openLocalSocket } from './server/local-socket.ts'
import { openAudit } from './store/audit.ts'
import { openCordons } from './store/cordons.ts'
import { openStore } from './store/open.ts'
import type { Store } from './store/open.ts'
import { unfinishedRuns } from './store/run-queries.ts'
import { makeRunStore } from './store/run-store.ts'
import { occurrenceLedger } from './store/occurrences.ts'
import { openAppLog } from './system/app-log.ts'
import type { AppLog } from './system/app-log.ts'
import { sleep } from './ports/clock.ts'
import { systemClock } from './system/clock.ts'
import { systemDice } from './system/dice.ts'
import { soon } from './system/soon.ts'
import { openSecrets } from './system/secret-sources.ts'
import { systemSecrets } from './system/secret-store.ts'
import { homePaths, makeHome, makeSocketFolder } from './system/home.ts'
import { openCronTriggers } from './triggers/cron-triggers.ts'
import { AppError } from '../shared/api/app-error.ts'
import { directClient } from '../shared/api/direct-client.ts'
import { serveLink } from '../shared/api/serve-link.ts'
import { taskKey } from '../shared/run/run-view.ts'
import { isRunEnd } from '../shared/run/states.ts'
import about from '../package.json' with { type: 'json' }

const clock = systemClock
const dice = systemDice

/** Slots shown on the Hosts page may be this old. */
const loadPauseMs = 100
/** Hosts that are up confirm a release at once; who leaves does not wait longer for the others. */
const releaseWaitMs = 1500
/** Editors write a file in several steps. */
const filesSettleMs = 200

/** Throws AppError('engine-busy') in mode `engine` while another process has the home. */
export async function openApp(options: OpenAppOptions): Promise<App> {
  const scope = openScope()
  try {
    return await build(options, scope)
  } catch (error) {
    await scope.close()
    throw asTrouble(error, options.home)
  }
}

/** What the machine says about files and the store is no bug of ours, and has a way out. */
function asTrouble(error: unknown, home: string): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error
  const code = (error as { code?: unknown }).code
  if (typeof code !== 'string' || !/^(E[A-Z]+|SQLITE_[A-Z_]+)$/.test(code)) return error
  const hint = code.startsWith('SQLITE_')
    ? 'Look at it: sluice doctor. Keep a copy of the folder before you change anything.'
    : 'Check that the folder exists, is yours and has room, or set SLUICE_HOME to another.'
  return new AppError('environment', `Cannot open the home ${home}: ${error.message}.`, {
    hint,
    cause: error,
  })
}

async function build(options: OpenAppOptions, scope: Scope): Promise<App> {
  const { face, env } = options
  const paths = homePaths(options.home, env)
  const isEngine = options.mode === 'engine'
  makeHome(paths.home)
  if (isEngine) {
    const lock = takeHome(paths, face)
    scope.add(() => lock.release())
  }
  const log = isEngine ? openAppLog({ file: paths.appLog, clock }) : silentLog
  scope.add(() => log.close())
  const onBug = (error: unknown): void => log.write('error', 'app', 'A bug or a fault', { error })

  const store = openStore(paths.database, { readonly: !isEngine })
  scope.add(() => store.close())
  const logs = openLogFiles(paths.logs, clock)
  scope.add(() => logs.closeFiles())
  const blobs = openBlobFiles(paths.blobs)

  const unfinished = unfinishedRuns(store.db)
  const dir = isEngine ? ownWorkspace(paths, options.workspace, unfinished) : options.workspace
  // The demo's workspace means the embedded hosts, whoever opens it.
  const isOfDemo = dir !== null && realPath(dir) === realPath(join(paths.demo, 'workspace'))
  const isDemo = options.demo === true || isOfDemo
  const demo = isDemo ? await openDemo(paths, openLocalTerminal) : null
  scope.add(() => demo?.close())
  let onLoad = (_now: WorkspaceNow): void => {}
  // What once was a secret stays one while a slip of the pen makes the file say nothing.
  const hidden = new Set<string>()
  const workspace = openWorkspaceFiles({
    dir,
    blobs,
    cacheFile: paths.parseCache,
    clock,
    demoHosts: demo?.hosts ?? [],
    onLoad: (now) => {
      for (const name of secretVariables(now.spec)) hidden.add(name)
      onLoad(now)
    },
  })
  const { spec } = await workspace.load()

  const audit = openAudit(store.db, clock)
  const trust = openTrust(paths.knownHosts, audit)
  const secrets = options.secrets ?? systemSecrets(env, clock)
  const asks = openAsks({ clock, dice, secrets, audit, by: userName() })
  const keyring = openKeyring()
  const config = openSshConfig({ env, clock })
  const client = clientId(paths.home)
  const knownFolders = isEngine ? openKnownFolders(join(paths.home, 'host-folders.json')) : null
  const budget = openConnectBudget({ clock, dice })
  const cordons = openCordons(store.db)
  const drain = openDrain({ cordons, clock, engine: () => engine })
  const fleets = openHostFleets({
    workspace: spec,
    cordons,
    clock,
    trust,
    openFleet: (hosts) =>
      openFleet({
        hosts,
        transportOf: (host) =>
          host.kind === 'local'
            ? localTransport({ hidden: () => hidden })
            : sshTransport(host, { config, trust, clock, ask: asks.ask, keyring }),
        logs,
        blobs,
        clock,
        dice,
        budget,
        secrets: openSecrets(env),
        client: isEngine ? client : dice.tail(12),
        knownFolders,
        onError: onBug,
      }),
  })
  scope.add(() => fleets.close())

  const fatal = Promise.withResolvers<AppError>()
  const evaluator = openEvaluator()
  const engine: Engine | null = isEngine
    ? startEngine({
        store,
        fleets,
        placement: { ...fleets, drain: drain.held },
        evaluator,
        logsDir: paths.logs,
        log,
        scope,
        onFatal: fatal.resolve,
      })
    : null
  const explain = openRootCauses({ db: store.db, logs })
  let waves: WavesPart | null = null
  const parts: ApiParts = {
    clock,
    dice,
    db: store.db,
    logs,
    workspace,
    hosts: fleets,
    drain,
    audit,
    asks,
    schedule: makeSchedulePart({ db: store.db, clock, workspace }),
    evaluator,
    explain,
    incidents: openIncidents({ db: store.db, clock, explain }),
    waves: () => waves ?? noEngine(),
    info: async () => {
      const present = await workspace.load()
      return {
        version: about.version,
        home: paths.home,
        workspace: dir ?? '',
        environments: present.spec.environments.map(({ name }) => name),
        defaultEnvironment: present.spec.defaultEnvironment,
        face,
        pid: process.pid,
      }
    },
    engine: () => engine ?? noEngine(),
    live: (run) => engine?.live(run) ?? null,
    isReader: engine === null,
    onEvents: (listener) => engine?.onEvents(listener) ?? (() => {}),
    user: userName(),
  }
  const api = makeApi(parts)
  const direct = directClient(api)
  scope.add(() => direct.close())
  onLoad = (now) => followWorkspace(fleets, now)

  if (engine !== null) {
    const opened = openWaves(parts, onBug)
    scope.add(() => opened.close())
    waves = opened
    await options.first?.(direct)
    engine.recover()
    fleets.tellLoads()
    opened.recover()
    if (face === 'serve' || face === 'desktop') {
      const reload = await openTriggers({ parts, engine, onBug, scope })
      onLoad = (now) => {
        followWorkspace(fleets, now)
        reload(now)
      }
      if (dir !== null) watchFiles(dir, workspace, scope)
    }
    makeSocketFolder(paths.socket)
    const sweeps = openBlobSweeps({ db: store.db, blobs, clock, log })
    scope.add(() => sweeps.close())
    const socket = await openLocalSocket({ path: paths.socket, api, onBug })
    scope.add(() => socket.close())
    log.write('info', 'app', 'Open', { face, workspace: dir, unfinished: unfinished.length })
  }
  return {
    api,
    client: direct,
    recovered: isEngine ? unfinished.length : 0,
    onFatal: (listener) => void fatal.promise.then(listener),
    onBug,
    wake: () => fleets.wake(),
    serve: (wire) => serveLink(wire, api, onBug),
    close: () => scope.close(),
  }
}

interface EngineParts {
  store: Store
  fleets: HostFleets
  placement: Placement
  evaluator: Evaluator
  logsDir: string
  log: AppLog
  scope: Scope
  onFatal: (error: AppError) => void
}

function startEngine(given: EngineParts): Engine {
  const { store, fleets, placement, evaluator, logsDir, log, scope, onFatal } = given
  const engine = openEngine({
    store: makeRunStore(store),
    hosts: fleets,
    clock,
    dice,
    placement,
    evaluator,
    judgement: openJudgement({
      logsDir,
      attempt: ({ run, task, item, number }) =>
        engine.live(run)?.tasks[taskKey(task, item)]?.attempts[number - 1] ?? null,
      onError: (error) => log.write('error', 'engine', 'A log cannot be judged', { error }),
    }),
    soon,
    onFatal(error) {
      log.write('error', 'engine', 'The store failed: nothing more is decided', { error })
      const why = error instanceof Error ? error.message : String(error)
      onFatal(
        new AppError('environment', `The store cannot be written: ${why}.`, {
          hint: 'Is the disk full? Tasks go on at their hosts; start Sluice again and it finds them.',
          cause: error,
        }),
      )
    },
  })
  fleets.useEngine({
    load: (host) => engine.load(host),
    health: (host) => engine.health(host),
    poolLoad: (pool) => engine.poolLoad(pool),
    stir: () => engine.stir(),
  })
  scope.add(() => engine.close())
  // H9: whoever runs one pipeline and leaves wants nothing left on the hosts. What is not confirmed in time is told again.
  scope.add(() => untilReleased(engine))
  let cancelTimer: (() => void) | null = null
  scope.add(() => cancelTimer?.())
  engine.onEvents(() => {
    cancelTimer ??= clock.after(loadPauseMs, () => {
      cancelTimer = null
      fleets.tellLoads()
    })
  })
  engine.onEvents((events) => {
    for (const event of events) {
      if (event.kind === 'run.ended' && isRunEnd(event.state)) {
        log.write('info', 'engine', 'Run ended', { run: event.run, state: event.state })
      }
    }
  })
  return engine
}

async function untilReleased(engine: Engine): Promise<void> {
  const done = new AbortController()
  const limit = sleep(clock, releaseWaitMs, done.signal).catch(() => {}) // aborted: it is done
  await Promise.race([engine.whenReleased(), limit])
  // The timer would hold the process for its whole time.
  done.abort(new Error('done'))
}

interface TriggerParts {
  parts: ApiParts
  engine: Engine
  onBug: (error: unknown) => void
  scope: Scope
}

/** Gives what to call when the files changed. */
async function openTriggers(given: TriggerParts): Promise<(now: WorkspaceNow) => void> {
  const { parts, engine, onBug, scope } = given
  const { workspace, db } = parts
  let schedules = schedulesOf(await workspace.load())
  const triggers = openCronTriggers({
    schedules: () => schedules,
    ledger: occurrenceLedger(db),
    clock,
    onError: onBug,
    async fire({ pipeline, environment, trigger, dueAt, run }) {
      const logicalDate = new Date(dueAt).toISOString()
      const present = await workspace.load()
      const planned = await present.plan({ pipeline, environment, params: {}, logicalDate })
      startPlanned(parts, engine, { planned, run, cause: { kind: 'cron', trigger, dueAt } })
    },
  })
  scope.add(() => triggers.close())
  return (now) => {
    schedules = schedulesOf(now)
    triggers.reload()
  }
}

/** A look at the files soon after something changed there; what they say is found by the look itself. */
function watchFiles(dir: string, workspace: WorkspacePart, scope: Scope): void {
  let cancelTimer: (() => void) | null = null
  scope.add(() => cancelTimer?.())
  const onChange = (): void => {
    cancelTimer ??= clock.after(filesSettleMs, () => {
      cancelTimer = null
      workspace.load().catch(() => {}) // whoever asks next is told
    })
  }
  for (const folder of [dir, join(dir, 'pipelines')]) {
    if (!isFolder(folder)) continue
    const watcher = watch(folder, { persistent: false }, onChange)
    // A folder that goes away: the next call to the engine finds out.
    watcher.on('error', () => watcher.close())
    scope.add(() => watcher.close())
  }
}

function noEngine(): never {
  throw new AppError('engine-needed', 'No engine is up, and this command only reads.', {
    hint: 'Start one: sluice serve',
  })
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown' // an account without an entry, as in some containers
  }
}

const silentLog: AppLog = { write: () => {}, hide: () => () => {}, close: () => {} }
