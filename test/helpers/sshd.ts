// A real OpenSSH server on loopback for one test: its own keys, its own home folder, its own known hosts and client config.
//   As root every host logs in as root, so `SetEnv HOME` gives each its own; commands still begin in root's real folder.
import { mkdirSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import {
  clientKey,
  freePort,
  isProgram,
  makeKey,
  startServer,
  type TestServer,
} from './test-server.ts'

const server = ['/usr/sbin/sshd', '/usr/bin/sshd', '/usr/local/sbin/sshd'].find(isProgram) ?? null

/** null where a server can be started; otherwise why not, in words, for `describe.skipIf`. */
export const skipReason: string | null =
  server === null ? 'OpenSSH server (sshd) is not installed' : null

export type TestSshd = TestServer

export interface SshdOptions {
  dir: string
  name: string
  /** sshd_config lines; they win over the defaults here. */
  extraConfig?: string
  /** Login shell of the account, whose folder is then `home`, rc files and all. Needs a mount namespace: Linux, as root. */
  shell?: string
}

export async function startSshd(options: SshdOptions): Promise<TestSshd> {
  if (server === null) throw new Error(skipReason ?? '')
  const { dir, name } = options
  const own = join(dir, name)
  const home = join(own, 'home')
  await mkdir(home, { recursive: true })
  const keyFile = await clientKey(dir)
  const hostKeyFile = join(own, 'host_key')
  await makeKey(hostKeyFile)
  const port = await freePort()
  const serverConfig = join(own, 'sshd_config')
  await writeFile(
    serverConfig,
    [
      // sshd takes the first value of each keyword.
      options.extraConfig ?? '',
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${hostKeyFile}`,
      `AuthorizedKeysFile ${keyFile}.pub`,
      `PidFile ${join(own, 'pid')}`,
      `SetEnv HOME=${home}`,
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitUserRC no',
      'PrintLastLog no',
      'PrintMotd no',
      'UseDNS no',
      // Of this one it takes the last.
      ...(/MaxStartups/i.test(options.extraConfig ?? '') ? [] : ['MaxStartups 100']),
      'LogLevel VERBOSE',
      '',
    ].join('\n'),
  )
  const [type, key] = (await readFile(`${hostKeyFile}.pub`, 'utf8')).split(' ')
  // Without it sshd refuses to separate privileges.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  return startServer({
    dir,
    name,
    port,
    home,
    keyFile,
    hostKey: `${type} ${key}`,
    command: [
      ...(options.shell === undefined ? [] : await withAccount(own, home, options.shell)),
      server,
      '-D',
      '-e',
      '-f',
      serverConfig,
    ] as unknown as readonly [string, ...string[]],
    ready: 'Server listening',
  })
}

/** What runs a command where this account has another shell and folder: by a copy of /etc/passwd that lies over it. */
async function withAccount(own: string, home: string, shell: string): Promise<string[]> {
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => {
    const fields = line.split(':')
    return fields[0] === userInfo().username ? [...fields.slice(0, 5), home, shell].join(':') : line
  })
  const file = join(own, 'passwd')
  await writeFile(file, users.join('\n'))
  const script = 'mount --bind "$1" /etc/passwd && shift && exec "$@"'
  return ['unshare', '-m', 'sh', '-c', script, 'sh', file]
}
