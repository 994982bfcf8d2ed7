// Values, names and paths of every kind go through a whole engine to a host and come back as the same bytes:
// no shell on the way reads them (H2, H7).
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { App } from '../../electron/api/app-face.ts'
import { openApp } from '../../electron/app.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { isRunEnd } from '../../shared/run/states.ts'
import { skipReason, startSshd } from '../helpers/sshd.ts'
import type { TestSshd } from '../helpers/sshd.ts'

const dir = mkdtempSync(join(tmpdir(), 'sluice-hostile-'))
const marker = join(dir, 'interpreted')
const values = [
  `$(touch ${marker})`,
  `\`touch ${marker}\``,
  `'; touch ${marker}; '`,
  `"; touch ${marker}; "`,
  `a=b; export PATH=/nowhere`,
  'a\nb',
  '\n',
  'a\n\n',
  '\\',
  '\\\\n\\0101',
  '%s%n%b',
  ' a  b ',
  '-n',
  '-e x',
  '--',
  '*',
  '?',
  '[a-z]',
  '{a,b}',
  '~root',
  '!!',
  '$IFS',
  '${HOME}',
  '#x',
  '\t\r\u0001\u007f\u001b]0;x\u0007',
  'é世界🙂\u202e\u0085\u2028',
  "'",
  '"',
  'x'.repeat(4096),
  "'\n'".repeat(1000),
  "é'".repeat(2048),
]
const paths = [
  'a b.txt',
  '--help',
  '-dash.txt',
  '-t..',
  "q'uote.txt",
  'd"q.txt',
  'dollar$(id).txt',
  'back`id`.txt',
  'semi;colon.txt',
  'star*.txt',
  'br[a].txt',
  'ü世🙂.txt',
  'percent%s.txt',
  '#hash',
  'comma,name.txt',
  'colon:name.txt',
  'a=b.txt',
  'sub dir/f$x/f',
  'x'.repeat(200),
]

let app: App
let sshd: TestSshd | null = null
let view: RunView

beforeAll(async () => {
  sshd = skipReason === null ? await startSshd({ dir, name: 'far' }) : null
  const workspace = join(dir, 'workspace')
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(workspace, path)), { recursive: true })
    writeFileSync(join(workspace, path), text)
  }
  const far =
    sshd === null
      ? ''
      : `far: { address: 127.0.0.1, port: ${sshd.port}, user: ${sshd.user}, key: ${JSON.stringify(sshd.keyFile)}, folder: ${join(dir, 'agent-far')} }`
  put(
    'sluice.yaml',
    `hosts: { local: { folder: ${join(dir, 'agent-local')} }, ${far} }\nenvironments: { dev: {} }\n`,
  )
  for (const [at, path] of paths.entries()) put(path, `content ${at}\n`)
  put('pipelines/odd.yaml', pipeline(sshd === null ? ['local'] : ['local', 'far']))
  app = await openApp({
    home: join(dir, 'home'),
    workspace,
    face: 'cli',
    mode: 'engine',
    env: process.env,
  })
  const { client } = app
  if (sshd !== null) {
    const { askFingerprint } = await client.call('host.check', { host: 'far' })
    await client.call('host.trust', { host: 'far', fingerprint: askFingerprint ?? '' })
  }
  const params = Object.fromEntries(values.map((value, at) => [`p${at}`, value]))
  const { run } = await client.call('run.start', { pipeline: 'odd', params })
  for await (const _ of client.stream('run.watch', { run })) {
    ;({ view } = await client.call('run.get', { run }))
    if (isRunEnd(view.state)) break
  }
}, 60_000)

afterAll(async () => {
  await app.close()
  await sshd?.stop()
  rmSync(dir, { recursive: true, force: true })
})

function pipeline(hosts: readonly string[]): string {
  const params = values.map((_, at) => `  p${at}: { type: string }\n`)
  const tasks = hosts.flatMap((host) => [
    `  values_${host}:\n    host: ${host}\n    env:\n`,
    ...values.map((_, at) => `      E${at}: "\${{ params.p${at} }}"\n`),
    '    run: |\n',
    ...values.map((_, at) => `      printf %s "$E${at}" >out${at}\n`),
    '    outputs:\n',
    ...values.map((_, at) => `      o${at}: out${at}\n`),
    ...paths.map((path, at) => {
      // A glob of one: the names of files hold its letters.
      const pattern = JSON.stringify(path.replace(/[*[\]]/g, '?'))
      return `  path${at}_${host}: { host: ${host}, files: [${pattern}], run: "true", outputs: { o: ${JSON.stringify(path)} } }\n`
    }),
  ])
  return `name: odd\nparams:\n${params.join('')}tasks:\n${tasks.join('')}`
}

function hashesOf(task: string): Record<string, string> {
  const end = view.tasks[task]?.attempts.at(-1)?.end
  const outputs = end?.outcome === 'exited' ? (end.outputs ?? []) : []
  return Object.fromEntries(outputs.map(({ name, sha256 }) => [name, sha256]))
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

describe.each(['local', 'far'])('%s', (host) => {
  const skip = host === 'far' && skipReason !== null

  test.skipIf(skip)('values arrive as the same bytes', () => {
    const hashes = hashesOf(`values_${host}`)
    for (const [at, value] of values.entries()) {
      expect({ value, hash: hashes[`o${at}`] }).toEqual({ value, hash: sha256(value) })
    }
  })

  test.skipIf(skip)('files travel there and back under their names', () => {
    for (const [at, path] of paths.entries()) {
      const { o } = hashesOf(`path${at}_${host}`)
      expect({ path, hash: o }).toEqual({ path, hash: sha256(`content ${at}\n`) })
    }
  })
})

test('nothing was interpreted on the way', () => {
  expect(existsSync(marker)).toBe(false)
})
