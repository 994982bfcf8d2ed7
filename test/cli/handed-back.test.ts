// What tasks hand back, from a pipeline's file to the end of its run: by the command, with real tasks.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunJson } from '../../electron/cli/run-json.ts'
import { openServedHome } from './served-home.ts'
import type { TestHome } from './sluice-process.ts'
import { untilRun } from './until-run.ts'

let home: TestHome

const files = ['a.csv', `it's "b" $(touch pwned) \`id\`.csv`, 'c ü;.csv']

beforeAll(async () => {
  home = await openServedHome({
    'pipelines/daily.yaml': `tasks:
  list:
    host: worker
    files: [list.json]
    run: cp list.json "$SLUICE_OUTPUT"
  load:
    needs: [list]
    host: worker
    fan_out: "\${{ tasks.list.outputs.files }}"
    run: |
      printf '%s\\n' "$SLUICE_ITEM" >> "$HOME/loaded"
      echo "rows=\${#SLUICE_ITEM}" > "$SLUICE_OUTPUT"
  report:
    needs: [list, load]
    host: worker
    when: "\${{ tasks.list.outputs.count > 2 }}"
    env: { FIRST: "\${{ tasks.list.outputs.files[1] }}", ROWS: "\${{ json(tasks.load.outputs.rows) }}" }
    run: printf '%s|%s\\n' "$FIRST" "$ROWS"
  never: { needs: [list], host: worker, when: "\${{ tasks.list.outputs.count > 3 }}", run: 'true' }
`,
    'pipelines/nightly.yaml': 'tasks: { part: { pipeline: copy } }\n',
    'list.json': JSON.stringify({ files, count: files.length }),
    'pipelines/copy.yaml': `tasks:
  copy:
    host: worker
    retries: { max: 1, delay: 1s }
    run: |
      offset=$(sed -n 's/^offset=//p' "$SLUICE_CHECKPOINT" 2>/dev/null)
      echo "from \${offset:-0}"
      [ -z "$offset" ] || exit 0
      echo offset=48000 > "$SLUICE_CHECKPOINT"
      kill -9 $$
  bad: { host: worker, run: 'echo nonsense > "$SLUICE_OUTPUT"' }
  big: { host: worker, run: 'head -c 70000 /dev/zero > "$SLUICE_CHECKPOINT"; exit 4' }
`,
  })
})

afterAll(() => home.close())

const stateOf = ({ tasks }: RunJson, name: string): string | undefined =>
  tasks.find(({ task, item }) => task === name && item === null)?.state

test('a list that a task hands back fans out, decides a condition, and reaches a shell as it is', async () => {
  const done = await home.run('run', 'daily')
  expect(done).toMatchObject({ code: 0 })
  const { value } = await home.json<{ runs: { run: string }[] }>('runs')
  const id = value.runs[0]!.run
  const doc = await untilRun(home, id, ({ state }) => state === 'succeeded')
  expect(stateOf(doc, 'never')).toBe('skipped')
  const loaded = readFileSync(join(home.dir, 'loaded'), 'utf8').trim().split('\n')
  expect(loaded.toSorted()).toEqual(files.toSorted())
  const { stdout } = await home.run('logs', id, 'report')
  expect(stdout).toContain(`${files[1]}|[`)
  expect(existsSync(join(home.dir, 'pwned'))).toBe(false)

  // A fan-out has no log: its items have.
  const none = await home.run('logs', id, 'load')
  expect(none).toMatchObject({ code: 2, stdout: '' })
  expect(none.stderr).toMatch(
    /^load is a fan-out: each of its items has a log of its own\. 3 of 3\.$/m,
  )
  expect(none.stderr).toMatch(/^ {2}✓ succeeded {2}load\[0\] {2}a\.csv$/m)
  expect(none.stderr).toContain(`sluice logs ${id.slice(-8)} 'load[0]'`)
  const facts = await home.json<{ kind: string; items: unknown[] }>('logs', id, 'load')
  expect(facts.value).toMatchObject({ kind: 'fan_out', bytes: 0, closed: true })
  expect(facts.value.items[2]).toEqual({ item: 2, state: 'succeeded', value: files[2] })
  const skipped = await home.run('logs', id, 'never')
  expect(skipped.stderr).toMatch(/^never has not run, so it has no log: it is skipped \(/)
})

test('a task that was killed goes on from what it saved, and values that cannot be read fail theirs', async () => {
  const outer = (await home.run('run', 'nightly', '--detach')).stdout.trim()
  const above = await untilRun(home, outer, ({ state }) => state === 'failed')
  const run = above.tasks.find(({ task }) => task === 'part')?.child ?? ''
  const doc = (await home.json<RunJson>('show', run)).value
  expect([stateOf(doc, 'copy'), stateOf(doc, 'bad')]).toEqual(['succeeded', 'failed'])
  expect((await home.run('logs', run, 'copy')).stdout).toContain('from 48000')
  const shown = (await home.run('show', run)).stdout
  expect(shown).toContain('$SLUICE_OUTPUT, line 1: "nonsense"')
  expect(shown).toMatch(
    /^! big: The checkpoint of attempt 1 cannot be saved: \$SLUICE_CHECKPOINT is 70000 bytes large,.* begins anew\.$/m,
  )
  expect(doc.tasks.find(({ task }) => task === 'big')?.unsaved?.attempt).toBe(1)

  // The run above it is explained by what failed here.
  const why = await home.run('explain', outer)
  expect(why.stdout).toMatch(new RegExp(`^✗ part > run ${run} > (bad|big) failed: `))
  expect(why.stdout).toContain(`sluice resume ${outer.slice(-8)}`)
  const { value } = await home.json<{ via: object[]; attempt: number }>('explain', outer)
  expect(value).toMatchObject({ via: [{ task: 'part', run }], attempt: 1 })
})
