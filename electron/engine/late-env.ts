// Environment variables that can be evaluated only when their task starts.
import type { Evaluated, Evaluator } from '../ports/evaluator.ts'
import type { Ordered } from './orders.ts'
import { runScope } from './run-scope.ts'

/** What it reads has ended, so asking again gives the same. */
export function lateEnvOf(
  task: Ordered,
  evaluator: Evaluator,
): Evaluated<Readonly<Record<string, string>>> {
  const env: Record<string, string> = {}
  for (const [name, template] of Object.entries(task.planned.lateEnv ?? {})) {
    const text = evaluator.text(template, runScope(task))
    if (!text.ok) return { ok: false, why: `its variable ${name} cannot be evaluated: ${text.why}` }
    env[name] = text.value
  }
  return { ok: true, value: env }
}
