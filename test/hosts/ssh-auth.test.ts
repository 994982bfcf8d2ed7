// Logins of several parts, each question asked once and by the name of the machine that asks; against a server that plays them.
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import type { AuthContext } from 'ssh2'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { openKeyring } from '../../electron/hosts/keyring.ts'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport, type SshTransportOptions } from '../../electron/hosts/ssh-transport.ts'
import type { Ask } from '../../electron/ports/asks.ts'
import type { Connection } from '../../electron/hosts/transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import type { Question } from '../../shared/api/question.ts'
import { runCommand } from '../helpers/run-command.ts'
import { startScripted, type Script, type ScriptedSshd } from '../helpers/scripted-sshd.ts'
import { makeKey } from '../helpers/test-server.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-auth-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function start(script: Script): Promise<ScriptedSshd> {
  const server = await startScripted(script)
  onTestFinished(() => server.stop())
  writeFileSync(join(dir, 'known'), server.knownHosts)
  return server
}

type Answer = (question: Question) => string | null

function asking(answer: Answer): { ask: Ask; asked: Question[] } {
  const asked: Question[] = []
  return {
    asked,
    ask: async (question) => {
      asked.push(question)
      return answer(question)
    },
  }
}

async function connect(
  server: ScriptedSshd,
  options: Partial<SshTransportOptions> & { key?: string } = {},
): Promise<Connection> {
  const { key = '/nonexistent/key', ...rest } = options
  const transport = sshTransport(
    { ...server.spec, key },
    {
      config: openSshConfig({
        env: { PATH: process.env['PATH'], HOME: dir },
        clock: systemClock,
      }),
      trust: openTrust(join(dir, 'known')),
      clock: systemClock,
      ...rest,
    },
  )
  const connection = await transport.connect(AbortSignal.timeout(30_000))
  onTestFinished(() => connection.close())
  return connection
}

const interactiveOnly = (context: AuthContext): boolean => {
  if (context.method === 'keyboard-interactive') return true
  context.reject(['keyboard-interactive'])
  return false
}

test.each([
  ['ssh2', false],
  ['the ssh program', true],
])(
  'several rounds of several prompts are asked one by one, with the hop that asks, by %s',
  async (_by, byOpenSsh) => {
    const server = await start({
      onAuth(context) {
        if (!interactiveOnly(context) || context.method !== 'keyboard-interactive') return
        context.prompt(
          [
            { prompt: 'Password: ', echo: false },
            { prompt: 'Token for \u001b[2Jetl: ', echo: true },
          ],
          'Two steps',
          'Have your token ready.\nIt has six digits.',
          (first) => {
            context.prompt([{ prompt: 'Code again: ', echo: false }], '', '', (second) => {
              if ([...first, ...second].join() === 'one,two,three') context.accept()
              else context.reject()
            })
          },
        )
      },
    })
    const answers = ['one', 'two', 'three']
    const { ask, asked } = asking(() => answers.shift() ?? null)
    const connection = await connect(server, { ask, byOpenSsh })
    expect((await runCommand(connection, 'echo')).out).toBe('ran echo\n')
    expect(asked.map((one) => [one.kind, one.host, one.hop])).toEqual(
      Array.from({ length: 3 }, () => ['prompt', 'scripted', server.address]),
    )
    const said = JSON.stringify(asked)
    expect(said).toContain('Code again:')
    expect(said).not.toContain('\\u001b')
    if (byOpenSsh) return
    expect(asked[0]).toMatchObject({
      title: 'Two steps\nHave your token ready.\nIt has six digits.',
      text: 'Password:',
      secret: true,
    })
    expect(asked[1]).toMatchObject({ text: 'Token for ?[2Jetl:', secret: false })
  },
)

test.each([
  ['ssh2', false],
  ['the ssh program', true],
])(
  'a key and then a code: both parts are given, in any order the host wants, by %s',
  async (_by, byOpenSsh) => {
    const key = join(dir, 'key')
    await makeKey(key)
    for (const order of [
      ['publickey', 'keyboard-interactive'],
      ['keyboard-interactive', 'publickey'],
    ] as const) {
      const wanted = new Map<object, string[]>()
      const server = await start({
        onAuth(context, client) {
          const left = wanted.get(client) ?? [...order]
          wanted.set(client, left)
          if (context.method !== left[0]) return context.reject([left[0] as 'publickey'])
          const next = (): void => {
            left.shift()
            if (left.length === 0) context.accept()
            else context.reject([left[0] as 'publickey'], true)
          }
          if (context.method === 'publickey') {
            // First the question whether the key is known, then the signature.
            if (context.signature === undefined) context.accept()
            else next()
          } else if (context.method === 'keyboard-interactive') {
            context.prompt([{ prompt: 'Code: ', echo: false }], ([code]) =>
              code === '123456' ? next() : context.reject([left[0] as 'publickey']),
            )
          }
        },
      })
      const { ask, asked } = asking(() => '123456')
      const connection = await connect(server, { ask, key, byOpenSsh })
      expect((await runCommand(connection, 'x')).out).toBe('ran x\n')
      expect(asked).toHaveLength(1)
    }
  },
)

test('a password is asked for once: it serves the next connect, and one that is wrong by then is asked for again', async () => {
  let right = 'first'
  const server = await start({
    onAuth(context) {
      if (context.method === 'password' && context.password === right) context.accept()
      else context.reject(['password'])
    },
  })
  const { ask, asked } = asking(() => right)
  const options = { ask, keyring: openKeyring() }
  await connect(server, options)
  await connect(server, options)
  expect(asked).toEqual([{ kind: 'password', host: 'scripted', hop: server.address, user: 'etl' }])
  right = 'second'
  await connect(server, options)
  expect(asked).toHaveLength(2)
})

test('one passphrase opens a key for all hosts that wait for it, and only where the host takes the key', async () => {
  const key = join(dir, 'locked')
  await makeKey(key, 'open sesame')
  const parsed = ssh2.utils.parseKey(readFileSync(`${key}.pub`, 'utf8')) as {
    getPublicSSH(): Buffer
  }
  const takes = (wants: boolean): Script => ({
    onAuth(context) {
      const isKey = context.method === 'publickey' && context.key.data.equals(parsed.getPublicSSH())
      if (wants && isKey) context.accept()
      else context.reject(['publickey'])
    },
  })
  const stranger = await start(takes(false))
  const refusal = asking(() => 'open sesame')
  await expect(connect(stranger, { ask: refusal.ask, key })).rejects.toThrow('refuses the login')
  expect(refusal.asked).toEqual([])

  const one = await start(takes(true))
  const two = await startScripted(takes(true))
  onTestFinished(() => two.stop())
  writeFileSync(join(dir, 'known'), one.knownHosts + two.knownHosts)
  const opened = asking(() => 'open sesame')
  const options = { ask: opened.ask, key, keyring: openKeyring() }
  await Promise.all([connect(one, options), connect(two, options)])
  await connect(one, options)
  expect(opened.asked).toHaveLength(1)
})

test('nobody there: the refusal says who asks for what, and how to answer', async () => {
  const key = join(dir, 'locked')
  await makeKey(key, 'open sesame')
  const accepting = await start({
    onAuth: (context) =>
      context.method === 'publickey' ? context.accept() : context.reject(['publickey']),
  })
  await expect(connect(accepting, { key })).rejects.toThrow(`ssh-add ${key}`)
  await expect(connect(accepting, { key })).rejects.toThrow('sluice hosts login scripted')
  const missing = join(dir, 'no-such-key')
  await expect(connect(accepting, { key: missing })).rejects.toThrow(
    `There is no key file ${missing}.`,
  )
  const coded = await start({
    onAuth(context) {
      if (interactiveOnly(context) && context.method === 'keyboard-interactive') {
        context.prompt([{ prompt: 'Code: ' }], () => context.reject())
      }
    },
  })
  for (const byOpenSsh of [false, true]) {
    const refused = connect(coded, { byOpenSsh })
    await expect(refused).rejects.toMatchObject({ kind: 'ssh_auth_failure', permanent: true })
    await expect(refused).rejects.toThrow(`${coded.address} asks "Code:". Nobody answered`)
  }
})

test.each([
  ['ssh2', false],
  ['the ssh program', true],
])('a host that asks without end is left, by %s', async (_by, byOpenSsh) => {
  const server = await start({
    onAuth(context) {
      if (!interactiveOnly(context) || context.method !== 'keyboard-interactive') return
      const again = (): void => context.prompt([{ prompt: 'Again? '.repeat(2000) }], again)
      again()
    },
  })
  const { ask, asked } = asking(() => 'yes')
  const refusal = connect(server, { ask, byOpenSsh })
  await expect(refusal).rejects.toMatchObject({ kind: 'ssh_auth_failure' })
  expect(asked.length).toBeLessThanOrEqual(24)
  for (const one of asked) expect(JSON.stringify(one).length).toBeLessThan(4096)
})
