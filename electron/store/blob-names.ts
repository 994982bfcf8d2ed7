// What the store still names of the blobs. Runs are kept, and any of them may be resumed with any version it has had: so all
// files of pinned plans and all outputs stay. Of checkpoints only the last of a task counts, and only until an attempt ends well.
import { isCheckpointSpent } from '../../shared/run/run-view.ts'
import type { AttemptView } from '../../shared/run/run-view.ts'
import type { Db } from './open.ts'
import type { TaskExtra } from './view-extra.ts'

/** Task runs of a slice: some milliseconds. */
const sliceRows = 500

interface TaskRow {
  run: string
  task: string
  item: number
  attempts: string
  extra: string | null
}

/**
 * Slice by slice, so that others may have their turn between. What is named while this goes on may be missing: its bytes were put,
 * or asked for, just then.
 */
export function* namedBlobs(db: Db): Generator<ReadonlySet<string>> {
  yield* namedByPlans(db)
  yield* namedByTasks(db)
  for (const plan of db.prepare<[], string>('select plan from wave').pluck().all())
    yield hashesIn(plan)
}

function* namedByPlans(db: Db): Generator<ReadonlySet<string>> {
  const next = db.prepare<[string], { hash: string; body: string }>(
    'select hash, body from plan where hash > ? order by hash limit 1',
  )
  for (let row = next.get(''); row !== undefined; row = next.get(row.hash)) yield hashesIn(row.body)
}

function* namedByTasks(db: Db): Generator<ReadonlySet<string>> {
  const next = db.prepare<[string, string, number], TaskRow>(
    `select run, task, item, attempts, extra from task_run where (run, task, item) > (?, ?, ?)
     order by run, task, item limit ${sliceRows}`,
  )
  let rows = next.all('', '', -2)
  for (let last = rows.at(-1); last !== undefined; last = rows.at(-1)) {
    yield new Set(rows.flatMap((row) => [...namedByTask(row)]))
    rows = next.all(last.run, last.task, last.item)
  }
}

function* namedByTask({ attempts, extra }: TaskRow): Generator<string> {
  if (attempts.includes('"outputs"')) yield* hashesIn(attempts)
  if (extra?.includes('"checkpoint"') !== true) return
  const { checkpoint } = JSON.parse(extra) as TaskExtra
  if (checkpoint === undefined || checkpoint.folder === null) return
  const view = { checkpoint, attempts: JSON.parse(attempts) as AttemptView[] }
  if (!isCheckpointSpent(view)) yield checkpoint.folder.sha256
}

/** All of that form, whatever they are: one too many only keeps a file. */
function hashesIn(json: string): Set<string> {
  return new Set(json.match(/(?<=")[0-9a-f]{64}(?=")/g))
}
