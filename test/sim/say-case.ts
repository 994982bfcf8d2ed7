// A case in a few lines that a person can read.
import type { Behaviour } from '../helpers/fake-hosts.ts'
import type { TaskSketch } from '../helpers/world.ts'
import type { Deed, SimCase } from './sim-case.ts'

export function sayCase(sim: SimCase): string {
  const { network, disk, kills, deeds } = sim
  const lines = Object.entries(sim.tasks).map(([name, task]) => sayTask(name, task, sim))
  const limits = [
    ...Object.entries(sim.limits).filter(([, max]) => max !== null),
    ...(sim.retryBudget === null ? [] : [['retry budget', sim.retryBudget]]),
    ...(sim.verdict === 'any' ? [] : [['verdict', sim.verdict]]),
  ]
  lines.push(`limits: ${limits.map(([name, max]) => `${String(name)} ${say(max)}`).join(', ')}`)
  if (network.orderMsMax > 1 || network.reportMsMax > 0 || network.repeats > 0)
    lines.push(`network: ${say(network)}`)
  if (disk.slow > 0) lines.push(`disk: ${say(disk)}`)
  if (kills.length > 0) lines.push(`killed after write ${kills.join(', ')}`)
  return [...lines, ...deeds.map(sayDeed)].join('\n')
}

function sayTask(name: string, task: TaskSketch, { script }: SimCase): string {
  const { needs = [], child, ...rest } = task
  const words = Object.entries(rest).map(([key, value]) => `${key} ${say(value)}`)
  if (child !== undefined) {
    const inner = child.plan.tasks.map((one) => `${one.name}(${one.needs.join(' ')})`)
    words.push(`sub-pipeline ${inner.join(' ')}`)
  }
  const behaviours = [script[name] ?? []].flat().map(sayBehaviour)
  const after = needs.length === 0 ? '' : ` after ${needs.join(', ')}`
  return `${name}${after}: ${[...words, ...behaviours].join('; ')}`
}

function sayBehaviour(one: Behaviour, at: number): string {
  return `attempt ${at + 1} ${say(one)}`
}

function sayDeed({ afterMs, do: what, ...rest }: Deed): string {
  const words = Object.entries(rest).map(([key, value]) => `${key} ${say(value)}`)
  return `+${(afterMs / 1000).toFixed(1)} s ${what} ${words.join(', ')}`.trimEnd()
}

function say(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value).replaceAll('"', '')
}
