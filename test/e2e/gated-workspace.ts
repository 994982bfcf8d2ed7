// A workspace on the local machine whose tasks run until a spec lets them go.
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@playwright/test'

export interface GatedWorkspace {
  dir: string
  /** The task has begun `count` times, over all runs and engines. */
  expectStarts(task: 'first' | 'second', count: number): Promise<void>
  /** Lets the task end with this exit code. */
  open(task: 'first' | 'second', exit: number): Promise<void>
}

// Looks for its gate every 50 ms, one minute at most: a task must not outlive a spec that broke.
const script = `echo "start of $TASK"
echo . >> "$GATES/$TASK.starts"
tries=0
until [ -f "$GATES/$TASK.exit" ]; do
  tries=$((tries + 1)); [ "$tries" -gt 1200 ] && exit 99
  sleep 0.05
done
echo "end of $TASK"
exit "$(cat "$GATES/$TASK.exit")"
`

export async function gatedWorkspace(dir: string): Promise<GatedWorkspace> {
  const gates = join(dir, 'gates')
  await mkdir(join(dir, 'pipelines'), { recursive: true })
  await mkdir(gates)
  await writeFile(join(dir, 'sluice.yaml'), 'environments:\n  dev: {}\n')
  await writeFile(join(dir, 'gated.sh'), script)
  const task = (name: string, needs: string): string =>
    `  ${name}: { host: local, run: sh gated.sh, files: [gated.sh], env: { TASK: ${name}, GATES: ${gates} }${needs} }\n`
  await writeFile(
    join(dir, 'pipelines', 'gated.yaml'),
    `name: gated\ntasks:\n${task('first', '')}${task('second', ', needs: [first]')}`,
  )
  const startsOf = async (name: string): Promise<number> => {
    const file = join(gates, `${name}.starts`)
    return existsSync(file) ? (await readFile(file, 'utf8')).trim().split('\n').length : 0
  }
  return {
    dir,
    expectStarts: (name, count) =>
      expect.poll(() => startsOf(name), { message: `starts of ${name}` }).toBe(count),
    open: (name, exit) => writeFile(join(gates, `${name}.exit`), String(exit)),
  }
}
