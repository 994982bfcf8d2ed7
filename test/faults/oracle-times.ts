// O10: times are those of the host's clock as it was then, and no step of it makes a task longer or shorter than it was.
import type { Judged, OnHost } from './judged.ts'

/** Between an order and the first word of its task, on a machine that is busy. */
const beginMs = 60_000
/** Of what two clocks read at nearly the same moment. */
const slackMs = 1000

export function judgeTimes({ evidence }: Judged, { key, attempt, host }: OnHost): string[] {
  const { end, hostStartedAt } = attempt
  const life = host.lives.get(key)
  if (life === undefined || hostStartedAt === null) return []
  const wrongs: string[] = []
  const offsMs = [0, ...(evidence.deeds.clockOff.get(host.name) ?? [])].map((off) => off * 1000)
  const isClose = offsMs.some((offMs) => Math.abs(hostStartedAt - offMs - life.fromMs) < beginMs)
  if (!isClose)
    wrongs.push(`O10: it began at ${life.fromMs.toFixed(0)}, and the store says ${hostStartedAt}`)
  if (end === null || end.hostStartedAt === null || end.hostEndedAt === null) return wrongs
  const spanMs = end.hostEndedAt - end.hostStartedAt
  // What it leaves may live on, but it was there until its own last word.
  const leastMs = (end.outcome === 'exited' ? life.wroteMs : life.fromMs) - life.fromMs - slackMs
  const mostMs = end.endedAt - attempt.startingAt + slackMs
  if (spanMs < leastMs || spanMs > mostMs)
    wrongs.push(
      `O10: it took ${spanMs} ms by the host's word, between ${leastMs.toFixed(0)} and ${mostMs} by all others`,
    )
  return wrongs
}
