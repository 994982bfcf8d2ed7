// The seam between the engine and the language of `${{ }}`, for what can be evaluated only while a run goes on.
import type { JsonValue } from '../../shared/run/json.ts'
import type { ParamValue } from '../../shared/pipeline/spec.ts'
import type { TaskState } from '../../shared/run/states.ts'

export interface RunScope {
  run: string
  pipeline: string
  environment: string
  params: Readonly<Record<string, ParamValue>>
  vars: Readonly<Record<string, string>>
  logicalDate: string | null
  /** The task that the expression belongs to; `outputs` are its own. */
  self: string
  /** How the tasks that are not final have fared; for final tasks. */
  runState(): 'succeeded' | 'failed' | 'cancelled'
  /** A task of the run; null: there is none. Of a fan-out, each value is the list of its items' values (null where one has none). */
  task(name: string): { state: TaskState; outputs: Readonly<Record<string, JsonValue>> } | null
  /** Of an item of a fan-out only. */
  item?: { value: JsonValue; index: number }
}

/** `why`: one sentence for people. */
export type Evaluated<Value> = { ok: true; value: Value } | { ok: false; why: string }

export interface Evaluator {
  /** Texts and `${{ }}` together make one text; 100,000 characters at most. */
  text(template: string, scope: RunScope): Evaluated<string>
  /** One `${{ }}` and nothing else: its value. */
  value(template: string, scope: RunScope): Evaluated<JsonValue>
  /** Whether it reads `item` or `item_index`: it means something only for each item. */
  readsItem(template: string): boolean
}
