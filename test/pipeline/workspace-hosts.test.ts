import { expect, test } from 'vitest'
import { parseWorkspace } from '../../electron/pipeline/parse-workspace.ts'

test('a host names its way in; auto is as if it named none', () => {
  const text = `hosts:
  any: { address: 10.0.0.1, transport: auto }
  own: { address: 10.0.0.2, transport: ssh2 }
  program: { ssh: wh, transport: openssh }
`
  const hosts = parseWorkspace(text, 'sluice.yaml').spec?.hosts ?? []
  expect(hosts.map(({ name, transport }) => [name, transport])).toEqual([
    ['local', undefined],
    ['any', undefined],
    ['own', 'ssh2'],
    ['program', 'openssh'],
  ])
})

test.each([
  ['a word that is none', 'h: { address: 10.0.0.1, transport: telnet }'],
  ['one for this machine', 'local: { transport: ssh2 }'],
])('%s is a problem that names the field', (_what, host) => {
  const { problems } = parseWorkspace(`hosts:\n  ${host}\n`, 'sluice.yaml')
  expect(JSON.stringify(problems)).toContain('transport')
})
