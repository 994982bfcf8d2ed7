// What `sluice doctor` looks at. Each check says what it found; none stops the others.
import { execFile } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CliContext } from './context.ts'
import { openSession } from './session.ts'
import type { Session } from './session.ts'
import { findWorkspace } from './workspace-folder.ts'
import { plural } from './words.ts'
import { byteWords } from '../../shared/run/byte-words.ts'
import { errorShape } from '../../shared/api/app-error.ts'

export interface Finding {
  what: string
  verdict: 'good' | 'note' | 'bad'
  found: string
  hint: string
}

const bytesFreeMin = 500_000_000
const run = promisify(execFile)

export async function examine(
  context: CliContext,
  options: { hosts: boolean },
): Promise<Finding[]> {
  const findings = [
    checkNode(),
    await checkSsh(),
    await checkHome(context),
    await checkStore(context),
    await checkEngine(context),
    await checkWorkspace(context),
    checkScreens(context),
  ]
  if (options.hosts) findings.push(...(await checkHosts(context)))
  return findings
}

function good(what: string, found: string): Finding {
  return { what, verdict: 'good', found, hint: '' }
}
function note(what: string, found: string, hint: string): Finding {
  return { what, verdict: 'note', found, hint }
}
function bad(what: string, found: string, hint: string): Finding {
  return { what, verdict: 'bad', found, hint }
}
function failed(what: string, error: unknown, wayOut = ''): Finding {
  const { code, message, hint } = errorShape(error)
  // What the machine says is no bug of ours.
  return bad(what, message, code === 'internal' && wayOut !== '' ? wayOut : hint)
}

function checkNode(): Finding {
  return good('Node', `${process.versions.node} on ${process.platform} ${process.arch}`)
}

async function checkSsh(): Promise<Finding> {
  try {
    const { stderr } = await run('ssh', ['-V'], { timeout: 5000 })
    return good('ssh', stderr.trim())
  } catch {
    return note(
      'ssh',
      'not found',
      'Only used to read ~/.ssh/config; without it Sluice reads the file itself, without Match exec.',
    )
  }
}

async function checkHome({ paths }: CliContext): Promise<Finding> {
  const what = 'Home'
  if (!existsSync(paths.home)) {
    return note(what, `${paths.home} is not there yet`, 'The first run makes it.')
  }
  try {
    const { bavail, bsize } = await statfs(paths.home)
    const free = bavail * bsize
    const others = statSync(paths.home).mode & 0o077
    if (free < bytesFreeMin) {
      return bad(what, `${paths.home}: ${byteWords(free)} free`, 'Logs and outputs need room.')
    }
    if (others !== 0 && process.platform !== 'win32') {
      const hint = `chmod 700 ${paths.home}`
      return note(what, `${paths.home} can be read by other users`, hint)
    }
    return good(what, `${paths.home}: ${byteWords(free)} free`)
  } catch (error) {
    return failed(what, error)
  }
}

async function checkStore({ paths }: CliContext): Promise<Finding> {
  const what = 'Store'
  if (!existsSync(paths.database)) return good(what, 'no runs yet')
  try {
    const { openStore } = await import('../store/open.ts')
    const store = openStore(paths.database, { readonly: true })
    try {
      const answer = store.db.pragma('quick_check(5)', { simple: true }) as string
      const runs = store.db.prepare<[], number>('select count(*) from run').pluck().get() ?? 0
      const size = byteWords(statSync(paths.database).size)
      if (answer === 'ok') return good(what, `${plural(runs, 'run')}, ${size}, no damage found`)
      return bad(what, answer, `Keep a copy of ${paths.database} before anything else.`)
    } finally {
      store.close()
    }
  } catch (error) {
    return failed(
      what,
      error,
      `Is the disk full? Keep a copy of ${paths.database} before anything else.`,
    )
  }
}

async function checkEngine(context: CliContext): Promise<Finding> {
  const what = 'Engine'
  try {
    const client = await context.connect()
    if (client === null) {
      return good(what, 'none is up; sluice run is one for its own time')
    }
    const info = await client.call('system.info', {})
    client.close()
    const found = `${info.face}, pid ${info.pid}, version ${info.version}, workspace ${info.workspace || 'none'}`
    return info.version === context.version
      ? good(what, found)
      : bad(what, found, `This command is version ${context.version}: restart the engine.`)
  } catch (error) {
    return failed(what, error)
  }
}

async function checkWorkspace(context: CliContext): Promise<Finding> {
  const what = 'Workspace'
  try {
    const folder = findWorkspace(context)
    if (folder === null) return note(what, 'none here or above', 'Write one: sluice init')
    const { loadWorkspace, allProblems, workspaceFile } = await import('../pipeline/load.ts')
    const workspace = await loadWorkspace(folder)
    const errors = allProblems(workspace).filter(({ severity }) => severity === 'error')
    const found = `${folder}: ${plural(workspace.pipelines.length, 'pipeline')}`
    if (errors.length === 0) {
      const open = [folder, join(folder, 'pipelines'), join(folder, workspaceFile)].find(
        isOpenToAll,
      )
      if (open === undefined) return good(what, found)
      return note(
        what,
        `${open} can be changed by every user, and so what runs`,
        `chmod o-w ${open}`,
      )
    }
    return bad(what, `${found}, ${plural(errors.length, 'error')}`, 'See them: sluice validate')
  } catch (error) {
    return failed(what, error)
  }
}

function isOpenToAll(path: string): boolean {
  const found = process.platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })
  return found !== undefined && (found.mode & 0o002) !== 0
}

function checkScreens({ root }: CliContext): Finding {
  return existsSync(`${root}/dist/renderer/index.html`)
    ? good('Screens', 'built')
    : note('Screens', 'not built yet', 'sluice start builds them, and so does: npm run build')
}

async function checkHosts(context: CliContext): Promise<Finding[]> {
  let session: Session
  try {
    if (findWorkspace(context) === null) return []
    session = await openSession(context, { need: 'reader', usesFiles: true })
  } catch (error) {
    return [failed('Hosts', error)]
  }
  try {
    const { client } = session
    const rows = await client.call('host.list', {})
    return await Promise.all(rows.map(({ name }) => checkHost(client, name)))
  } catch (error) {
    return [failed('Hosts', error)]
  } finally {
    await session.close()
  }
}

async function checkHost(client: Session['client'], host: string): Promise<Finding> {
  const what = `Host ${host}`
  try {
    const row = await client.call('host.check', { host })
    if (row.link !== 'linked' && row.link !== 'idle') {
      const hint =
        row.askFingerprint === null ? '' : `sluice hosts trust ${host} ${row.askFingerprint}`
      return bad(what, row.why, hint)
    }
    const trip = row.roundTripMs === null ? '' : `, ${row.roundTripMs.toFixed(1)} ms`
    const system = row.facts?.system ?? ''
    const lacks = row.facts?.lacks ?? []
    if (lacks.length === 0) return good(what, `${row.address} ${system}${trip}`)
    return note(what, `${row.address} ${system}${trip}`, lacks.join('; '))
  } catch (error) {
    return failed(what, error)
  }
}
