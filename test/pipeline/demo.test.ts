// The demo's tasks, run by plain sh and by BusyBox in folders of their own: no engine, no hosts.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { graphOf, topologicalOrder } from '../../shared/graph/graph.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { allProblems, loadWorkspace } from '../../electron/pipeline/load.ts'
import { planRun } from '../../electron/pipeline/plan.ts'
import { memoryBlobs } from './memory-blobs.ts'
import type { MemoryBlobs } from './memory-blobs.ts'

const demo = join(import.meta.dirname, '../../electron/demo')
const workspace = await loadWorkspace(join(demo, 'workspace'))
const scratch = mkdtempSync(join(tmpdir(), 'sluice-demo-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const hasBusybox = spawnSync('busybox', ['true']).status === 0
const shells: [name: string, command: string[], path: string][] = [
  ['sh', ['sh'], process.env['PATH'] ?? ''],
]
if (hasBusybox) shells.push(['busybox', ['busybox', 'sh'], busyboxTools()])

// Only BusyBox's own tools, so that an option of GNU's would be found out.
function busyboxTools(): string {
  const bin = join(scratch, 'bin')
  mkdirSync(bin)
  const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim()
  for (const tool of [
    'awk',
    'sed',
    'sort',
    'cp',
    'mv',
    'cat',
    'wc',
    'tr',
    'grep',
    'mkdir',
    'rmdir',
    'date',
    'uname',
    'df',
    'sleep',
    'sh',
    'busybox',
  ]) {
    execFileSync('ln', ['-s', busybox, join(bin, tool)])
  }
  return bin
}

interface Done {
  exit: number | null
  log: string
  outputs: Map<string, Uint8Array>
}

class World {
  readonly dir: string
  readonly done = new Map<string, Done>()
  readonly blobs: MemoryBlobs
  readonly shell: string[]
  readonly path: string

  constructor(name: string, shell: string[], path: string, blobs: MemoryBlobs) {
    this.dir = join(scratch, name)
    this.shell = shell
    this.path = path
    this.blobs = blobs
    mkdirSync(this.dir)
    cpSync(join(demo, 'data'), join(this.dir, 'homes'), { recursive: true })
  }

  sh(run: string, host: string, cwd: string, env: Record<string, string> = {}): Done {
    const [command = '', ...args] = this.shell
    const home = join(this.dir, 'homes', host)
    const ended = spawnSync(command, [...args, '-c', run], {
      cwd,
      env: { PATH: this.path, HOME: home, ...env },
      encoding: 'utf8',
      timeout: 15_000,
    })
    return { exit: ended.status, log: ended.stdout + ended.stderr, outputs: new Map() }
  }

  task(task: PlannedTask): Done {
    const cwd = mkdtempSync(join(this.dir, 'attempt-'))
    const place = (path: string, bytes: Uint8Array): void => {
      mkdirSync(dirname(join(cwd, path)), { recursive: true })
      writeFileSync(join(cwd, path), bytes)
    }
    for (const file of task.files) place(file.path, this.blobs.bytes(file.sha256))
    for (const [path, from] of Object.entries(task.inputs)) {
      place(path, this.done.get(from.task)?.outputs.get(from.output) as Uint8Array)
    }
    const done = this.sh(task.run, task.hosts[0] as string, cwd, { ...task.env, PAUSE: '0' })
    if (done.exit === 0) {
      for (const [name, path] of Object.entries(task.outputs)) {
        done.outputs.set(name, readFileSync(join(cwd, path)))
      }
    }
    this.done.set(task.name, done)
    return done
  }

  /** Every task whose needs are good, once; those of `again` even when they were good. */
  run(plan: RunPlan): string[] {
    const ran: string[] = []
    for (const name of topologicalOrder(graphOf(plan.tasks))) {
      const task = plan.tasks.find((each) => each.name === name) as PlannedTask
      if (this.done.get(name)?.exit === 0) continue
      if (!task.needs.every((need) => this.done.get(need)?.exit === 0)) continue
      ran.push(name)
      this.task(task)
    }
    return ran
  }
}

async function planOf(pipeline: string, blobs: MemoryBlobs): Promise<RunPlan> {
  const { plan, problems, commandLineProblems } = await planRun({
    workspace,
    pipeline,
    environment: null,
    params: {},
    logicalDate: null,
    blobs,
  })
  expect([...problems, ...commandLineProblems]).toEqual([])
  return plan as RunPlan
}

test('the demo workspace has no problems, not even warnings', () => {
  expect(allProblems(workspace)).toEqual([])
  expect(workspace.pipelines.map((each) => each.name)).toEqual(['heartbeat', 'orders'])
})

describe.each(shells)('with %s', (name, shell, path) => {
  test('orders fails on the renamed column alone, and the remedy lets the rest run', async () => {
    const blobs = memoryBlobs()
    const plan = await planOf('orders', blobs)
    const world = new World(`orders-${name}`, shell, path, blobs)
    expect(world.run(plan)).toEqual([
      'land',
      'validate_orders',
      'validate_customers',
      'validate_rates',
      'clean_customers',
    ])
    const failed = world.done.get('validate_orders')
    expect(failed?.exit).toBe(65)
    expect(failed?.log).toContain(
      'orders-berlin.csv: expected column "amount" (4th), found "amount_eur"\n',
    )
    expect([...world.done].filter(([, done]) => done.exit !== 0).map(([task]) => task)).toEqual([
      'validate_orders',
    ])

    const remedy = plan.tasks.find((task) => task.name === 'validate_orders')?.remedies[0]
    expect(remedy).toMatchObject({ title: 'Rename the column back', host: 'edge' })
    expect(world.sh(remedy?.run ?? '', 'edge', world.dir).exit).toBe(0)

    expect(world.run(plan)).toEqual([
      'validate_orders',
      'clean_orders',
      'convert',
      'join',
      'by_region',
      'by_day',
      'top_customers',
      'publish',
    ])
    for (const [task, { exit, log }] of world.done)
      expect(`${task} ${exit} ${log}`).toMatch(/^\w+ 0 /)
    const report = Buffer.from(world.done.get('publish')?.outputs.get('text') ?? []).toString()
    expect(report).toContain('Orders up to 2026-01-14, region: all, amounts in EUR')
    expect(report).toMatch(/^ {2}north +\d+ +\d+\.\d\d$/m)
    const published = join(world.dir, 'homes/cloud/published/report.html')
    expect(readFileSync(published, 'utf8')).toContain('<h1>Orders up to 2026-01-14</h1>')
  })

  test('heartbeat stumbles on its first attempt and succeeds on its second', async () => {
    const blobs = memoryBlobs()
    const plan = await planOf('heartbeat', blobs)
    const world = new World(`heartbeat-${name}`, shell, path, blobs)
    world.run(plan)
    expect(world.done.get('onprem_alive')?.exit).toBe(75)
    expect(world.run(plan)).toEqual(['onprem_alive', 'collect'])
    expect(world.done.get('collect')?.log).toContain('all hosts are well')
  })
})
