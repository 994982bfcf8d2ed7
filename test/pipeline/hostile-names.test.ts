// A workspace may be somebody else's: what its names could do beyond naming.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadWorkspace } from '../../electron/pipeline/load.ts'
import { parseWorkspace } from '../../electron/pipeline/parse-workspace.ts'
import { renderProblem } from '../../shared/pipeline/render-problem.ts'

test.each([
  '$(id)',
  'a`id`',
  'a;id',
  'a|id',
  'prod.example,x.evil',
  '*',
  'a\u001b]0;x\u0007',
  "a'b",
])(
  'the host name and the user %j are refused: programs around ssh would read them as more',
  (text) => {
    const word = JSON.stringify(text)
    for (const host of [`{ ssh: ${word} }`, `{ address: h.example, user: ${word} }`]) {
      expect(parseWorkspace(`hosts: { h: ${host} }\n`, 'sluice.yaml').spec).toBe(null)
    }
  },
)

test('names as people write them are taken', () => {
  const names = ['wh', 'prod-1.example.org', 'me@host', 'ürün', 'host_1', 'a:22', 'x%eth0']
  for (const ssh of names) {
    const text = `hosts: { h: { ssh: ${JSON.stringify(ssh)} } }\n`
    expect({ ssh, problems: parseWorkspace(text, 'sluice.yaml').problems }).toEqual({
      ssh,
      problems: [],
    })
  }
})

test('a file whose name is no name makes no pipeline, and its name does nothing to a terminal', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-names-'))
  try {
    mkdirSync(join(dir, 'pipelines'))
    for (const name of ['$(id)', '-rf', 'a\u001b]0;x\u0007', 'a\u202eb', '__proto__']) {
      writeFileSync(join(dir, 'pipelines', `${name}.yaml`), 'tasks: { a: { run: "true" } }\n')
    }
    const { pipelines } = await loadWorkspace(dir)
    expect(pipelines.length).toBe(5)
    for (const { spec, problems, text } of pipelines) {
      expect(spec).toBe(null)
      for (const problem of problems) {
        expect(renderProblem(problem, text)).toMatch(/^[\x20-\x7e\n]+$/)
      }
    }
  } finally {
    rmSync(dir, { recursive: true })
  }
})
