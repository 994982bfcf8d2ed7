// `sluice://` links come from outside: mails, chats, web pages. A link may only say which screen to show, never
// what to do, and anything that is not exactly of a known form is dropped.
import { isRunId } from '../../shared/run/ids.ts'

export const LINK_SCHEME = 'sluice'

const lengthMax = 300
const nameForm = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/
const pages: ReadonlySet<string> = new Set(['now', 'pipelines', 'hosts'])

/**
 * The hash route that a link asks for, or null when it is not a link of ours.
 *   sluice://run/RUN   sluice://pipeline/NAME   sluice://now   sluice://pipelines   sluice://hosts
 */
export function routeOfLink(text: string): string | null {
  if (text.length > lengthMax) return null
  const match = /^sluice:\/\/([a-z]+)(?:\/([^/?#]+))?\/?$/.exec(text)
  const [, page, name] = match ?? []
  if (page === undefined) return null
  if (name === undefined) return pages.has(page) ? `#/${page}` : null
  if (page === 'run' && isRunId(name)) return `#/runs/${name}`
  if (page === 'pipeline' && nameForm.test(name)) return `#/pipelines/${name}`
  return null
}

export function linkOfRun(run: string): string {
  return `${LINK_SCHEME}://run/${run}`
}

/** The first link among the arguments that the system started us with. */
export function linkAmong(argv: readonly string[]): string | null {
  return argv.find((argument) => argument.startsWith(`${LINK_SCHEME}://`)) ?? null
}
