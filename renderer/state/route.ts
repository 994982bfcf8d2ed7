// Where the page is, as a hash: `#/runs/20260112-021500-a1b2c3d4?task=load`. Links into Sluice are these.
import { useSyncExternalStore } from 'react'

export type Route =
  | { page: 'now' }
  | { page: 'pipelines' }
  | { page: 'pipeline'; pipeline: string; tab: PipelineTab }
  | { page: 'runs'; pipeline: string | null; state: string | null }
  | {
      page: 'run'
      run: string
      tab: RunTab
      task: string | null
      item: number | null
      attempt: number | null
      line: number | null
      show: TaskShow
    }
  /** `days`: how far back; null: as far as one looks unasked. */
  | { page: 'incidents'; signature: string | null; days: number | null }
  /** `wave` null: the plan of one for all that failed like the run `like`, in the last `days`. */
  | { page: 'wave'; wave: string | null; like: string | null; days: number | null }
  | { page: 'hosts'; tab: HostsTab; host: string | null; pool: string | null }
  | { page: 'schedule' }
  | { page: 'audit' }
  | { page: 'settings' }

/** The address of a run's page: what is chosen on it, too. */
export type RunRoute = Extract<Route, { page: 'run' }>

export const RUN_TABS = ['graph', 'tasks', 'timeline', 'events'] as const
export type RunTab = (typeof RUN_TABS)[number]
/** What is shown of the chosen task: the log of an attempt, its facts, or a shell in its folder. */
export const TASK_SHOWS = ['log', 'attempt', 'shell'] as const
export type TaskShow = (typeof TASK_SHOWS)[number]
export const HOSTS_TABS = ['hosts', 'pools'] as const
export type HostsTab = (typeof HOSTS_TABS)[number]
export const PIPELINE_TABS = ['graph', 'history', 'schedule', 'file'] as const
export type PipelineTab = (typeof PIPELINE_TABS)[number]

/** Anything that is no route is Now. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2)
  const [page, name] = path.split('/').map(decode)
  const asked = new URLSearchParams(query)
  switch (page) {
    case 'pipelines':
      if (name === undefined || name === '') return { page: 'pipelines' }
      return {
        page: 'pipeline',
        pipeline: name,
        tab: oneOf(PIPELINE_TABS, asked.get('tab'), 'graph'),
      }
    case 'runs':
      if (name === undefined || name === '')
        return { page: 'runs', pipeline: asked.get('pipeline'), state: asked.get('state') }
      return {
        page: 'run',
        run: name,
        tab: oneOf(RUN_TABS, asked.get('tab'), 'graph'),
        task: asked.get('task'),
        item: whole(asked.get('item')),
        attempt: whole(asked.get('attempt')),
        line: whole(asked.get('line')),
        show: oneOf(TASK_SHOWS, asked.get('show'), 'log'),
      }
    case 'incidents':
      return {
        page: 'incidents',
        signature: name === undefined || name === '' ? null : name,
        days: whole(asked.get('days')),
      }
    case 'waves':
      if (name === undefined || name === '')
        return wavePlanRoute(asked.get('like') ?? 'latest', whole(asked.get('days')))
      return waveRoute(name)
    case 'hosts':
      return {
        page: 'hosts',
        tab: oneOf(HOSTS_TABS, asked.get('tab'), 'hosts'),
        host: name === undefined || name === '' ? null : name,
        pool: asked.get('pool'),
      }
    case 'schedule':
    case 'audit':
    case 'settings':
      return { page }
    default:
      return { page: 'now' }
  }
}

export function hashOf(route: Route): string {
  switch (route.page) {
    case 'pipeline':
      return `#/pipelines/${encodeURIComponent(route.pipeline)}${queryOf({
        tab: route.tab === 'graph' ? null : route.tab,
      })}`
    case 'runs':
      return `#/runs${queryOf({ pipeline: route.pipeline, state: route.state })}`
    case 'run':
      return `#/runs/${encodeURIComponent(route.run)}${queryOf({
        tab: route.tab === 'graph' ? null : route.tab,
        task: route.task,
        item: route.item,
        attempt: route.attempt,
        line: route.line,
        show: route.show === 'log' ? null : route.show,
      })}`
    case 'incidents':
      return `#/incidents${route.signature === null ? '' : `/${encodeURIComponent(route.signature)}`}${queryOf(
        { days: route.days },
      )}`
    case 'wave':
      return route.wave === null
        ? `#/waves${queryOf({ like: route.like, days: route.days })}`
        : `#/waves/${encodeURIComponent(route.wave)}`
    case 'hosts':
      return `#/hosts${route.host === null ? '' : `/${encodeURIComponent(route.host)}`}${queryOf({
        tab: route.tab === 'hosts' ? null : route.tab,
        pool: route.pool,
      })}`
    default:
      return `#/${route.page}`
  }
}

export function runRoute(run: string, part: Partial<Extract<Route, { page: 'run' }>> = {}): Route {
  return {
    page: 'run',
    run,
    tab: 'graph',
    task: null,
    item: null,
    attempt: null,
    line: null,
    show: 'log',
    ...part,
  }
}

export function incidentsRoute(signature: string | null = null, days: number | null = null): Route {
  return { page: 'incidents', signature, days }
}

/** The plan of a wave for all that failed like this run. */
export function wavePlanRoute(like: string, days: number | null = null): Route {
  return { page: 'wave', wave: null, like, days }
}

export function waveRoute(wave: string): Route {
  return { page: 'wave', wave, like: null, days: null }
}

export function hostsRoute(part: Partial<Extract<Route, { page: 'hosts' }>> = {}): Route {
  return { page: 'hosts', tab: 'hosts', host: null, pool: null, ...part }
}

export function pipelineRoute(pipeline: string, tab: PipelineTab = 'graph'): Route {
  return { page: 'pipeline', pipeline, tab }
}

export function go(route: Route): void {
  location.hash = hashOf(route)
}

/** Changes the address without a step for the Back button: a choice inside a page. */
export function turn(route: Route): void {
  history.replaceState(null, '', hashOf(route))
  dispatchEvent(new HashChangeEvent('hashchange'))
}

let last: { hash: string; route: Route } | null = null
function current(): Route {
  if (last === null || last.hash !== location.hash)
    last = { hash: location.hash, route: parseRoute(location.hash) }
  return last.route
}

export function useRoute(): Route {
  return useSyncExternalStore(onHash, current)
}

function onHash(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function oneOf<Value extends string>(
  values: readonly Value[],
  asked: string | null,
  fallback: Value,
): Value {
  return values.find((value) => value === asked) ?? fallback
}

function whole(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null
}

function queryOf(parts: Record<string, string | number | null>): string {
  const kept = Object.entries(parts).filter(([, value]) => value !== null)
  if (kept.length === 0) return ''
  return `?${new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString()}`
}
