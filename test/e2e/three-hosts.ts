// Three real OpenSSH servers on loopback with the demo's data in their home folders, and the demo's workspace bound
// to them.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startSshd, type TestSshd } from '../helpers/sshd.ts'

export { skipReason } from '../helpers/sshd.ts'

const names = ['edge', 'onprem', 'cloud'] as const

export interface ThreeHosts {
  workspace: string
  homeOf: Record<(typeof names)[number], string>
  stop(): Promise<void>
}

const demo = join(import.meta.dirname, '../../electron/demo')

/** `home`: Sluice's; it gets the keys of the hosts as known. `dir`: for everything else. */
export async function startThreeHosts(home: string, dir: string): Promise<ThreeHosts> {
  const hosts: TestSshd[] = []
  for (const name of names) hosts.push(await startSshd({ dir, name }))
  for (const host of hosts) await cp(join(demo, 'data', host.name), host.home, { recursive: true })
  const [{ knownHostsFile }] = hosts as [TestSshd]
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'known_hosts'), await readFile(knownHostsFile))
  const workspace = join(dir, 'workspace')
  await cp(join(demo, 'workspace'), workspace, { recursive: true })
  await writeFile(join(workspace, 'sluice.yaml'), workspaceFile(hosts))
  await writeFile(join(workspace, 'pipelines', 'noise.yaml'), noisePipeline)
  const homes = hosts.map((host) => [host.name, host.home])
  return {
    workspace,
    homeOf: Object.fromEntries(homes) as ThreeHosts['homeOf'],
    async stop() {
      await Promise.all(hosts.map((host) => host.stop()))
    },
  }
}

function workspaceFile(hosts: readonly TestSshd[]): string {
  const lines = hosts.map(
    ({ name, port, user, keyFile }) =>
      `  ${name}: { address: 127.0.0.1, port: ${port}, user: ${user}, key: ${keyFile}, slots: 4 }`,
  )
  return `hosts:
${lines.join('\n')}
environments:
  real:
    hosts: { edge: edge, onprem: onprem, cloud: cloud }
    vars: { CURRENCY: EUR, PAUSE: "0.1" }
`
}

/** Bytes of every value, lines of every length, to both streams; the same wherever it runs. */
export const noiseScript = `LC_ALL=C awk 'BEGIN {
  for (line = 0; line < 60000; line++) {
    printf "%d \\303\\251\\033[31m red \\033[0m %c%c|", line, line % 256, 255 - line % 256
    for (at = 0; at < line % 50; at++) printf "%d", at
    printf line % 997 == 0 ? "\\r\\n" : "\\n"
  }
  printf "no newline at the end"
}'`

const noisePipeline = `name: noise
tasks:
  noise:
    host: edge
    run: |
${noiseScript.replaceAll(/^/gm, '      ')}
`
