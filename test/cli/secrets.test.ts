// H7, by the command: a secret reaches the task that names it, and is found nowhere else afterwards.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunJson } from '../../electron/cli/run-json.ts'
import { entriesBelow } from '../helpers/entries-below.ts'
import { openTestHome, type TestHome } from './sluice-process.ts'

const inEnv = 'canary-in-a-variable-5e1c'
const inFile = `canary 'in' "a"\n$(file) ü`
let home: TestHome

beforeAll(() => {
  home = openTestHome()
  home.env['DEV_TOKEN'] = inEnv
  writeFileSync(join(home.dir, 'pass'), `${inFile}\n`)
  home.write(
    'sluice.yaml',
    `environments:
  dev: { secrets: { TOKEN: env:DEV_TOKEN, PASSWORD: "file:~/pass", LOST: env:NOWHERE_TO_BE_SEEN } }
`,
  )
  // What a task does with a secret is its own affair: it tells here by what it looks like.
  home.write(
    'pipelines/uses.yaml',
    `tasks:
  load:
    secrets: { TOKEN: TOKEN, PGPASSWORD: PASSWORD }
    run: |
      printf '%s' "$TOKEN" | wc -c
      printf '%s' "$PGPASSWORD" | cksum
      exit 3
  free: { run: 'echo "<\${PGPASSWORD-none}>"' }
`,
  )
  home.write(
    'pipelines/local.yaml',
    `tasks:
  without: { run: 'echo "<\${DEV_TOKEN-none}> \${HOME:+home}"' }
  named: { secrets: { DEV_TOKEN: TOKEN }, run: 'echo "\${#DEV_TOKEN}"' }
`,
  )
  home.write(
    'pipelines/lost.yaml',
    `tasks: { load: { secrets: [LOST], run: 'true', retries: { max: 3, delay: 1s } } }\n`,
  )
})
afterAll(() => home.close())

function filesWith(needle: string): string[] {
  return entriesBelow(home.dir)
    .filter(({ path, kind }) => kind === 'file' && existsSync(path))
    .map(({ path }) => path)
    .filter((path) => readFileSync(path).includes(needle))
}

test('it reaches the task that names it, byte for byte, and is in no file of Sluice', async () => {
  const { code, value } = await home.json<RunJson>('run', 'uses')
  expect(code).toBe(1)
  const { stdout } = await home.run('logs', value.run, 'load')
  expect(stdout.split('\n')[0]?.trim()).toBe(String(inEnv.length))
  const sum = checksum(inFile)
  expect(stdout.split('\n')[1]).toBe(sum)
  expect((await home.run('logs', value.run, 'free')).stdout).toBe('<none>\n')
  expect(filesWith(inEnv)).toEqual([])
  expect(filesWith('$(file)')).toEqual([join(home.dir, 'pass')])
  // A resume reads it again.
  writeFileSync(join(home.dir, 'pass'), 'changed')
  expect(await home.run('resume', value.run)).toMatchObject({ code: 1 })
  const again = await home.run('logs', value.run, 'load')
  expect(again.stdout.split('\n')[1]).toBe(checksum('changed'))
})

test('a local task without it does not find it in the environment of Sluice either', async () => {
  const { code, value } = await home.json<RunJson>('run', 'local')
  expect(code).toBe(0)
  expect((await home.run('logs', value.run, 'without')).stdout).toBe('<none> home\n')
  expect((await home.run('logs', value.run, 'named')).stdout).toBe(`${inEnv.length}\n`)
})

test('one that is not there starts nothing, is not tried again, and says where it should be', async () => {
  const { code, value } = await home.json<RunJson>('run', 'lost')
  expect(code).toBe(1)
  const task = value.tasks.find((one) => one.task === 'load')
  expect(task?.attempts).toHaveLength(1)
  expect(JSON.stringify(task)).toContain('NOWHERE_TO_BE_SEEN is not set where Sluice runs')
})

function checksum(text: string): string {
  return execFileSync('cksum', { input: text, encoding: 'utf8' }).trim()
}
