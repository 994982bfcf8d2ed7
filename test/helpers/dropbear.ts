// A real Dropbear on loopback, as edge devices have it. It knows no other folder than the account's own, so it runs in a
// mount namespace in which `home` lies over that folder: Linux, as root.
import { execFile, spawnSync } from 'node:child_process'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { clientKey, freePort, isProgram, startServer, type TestServer } from './test-server.ts'

const run = promisify(execFile)
const program = '/usr/sbin/dropbear'

export const dropbearSkipReason: string | null = reasonToSkip()

function reasonToSkip(): string | null {
  if (!isProgram(program)) return 'Dropbear is not installed'
  const mount = 'mount --bind /tmp "$1"'
  const tried = spawnSync('unshare', ['-m', 'sh', '-c', mount, 'sh', userInfo().homedir])
  return tried.status === 0 ? null : 'Dropbear needs a mount namespace of its own (root on Linux)'
}

export interface DropbearOptions {
  /** Must not lie in the account's own folder. */
  dir: string
  name: string
  /** A folder of busybox's applets that is all the account has: its login shell, its /bin/sh and its PATH. */
  bin?: string
}

export async function startDropbear(options: DropbearOptions): Promise<TestServer> {
  const { dir, name, bin } = options
  const home = join(dir, name, 'home')
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 })
  const keyFile = await clientKey(dir)
  await copyFile(`${keyFile}.pub`, join(home, '.ssh', 'authorized_keys'))
  const hostKeyFile = join(dir, name, 'host_key')
  await run('dropbearkey', ['-t', 'ed25519', '-f', hostKeyFile])
  const { stdout } = await run('dropbearkey', ['-y', '-f', hostKeyFile])
  const port = await freePort()
  const server = bin === undefined ? program : join(dir, name, 'dropbear')
  const mounts: [string, string][] = [[home, userInfo().homedir]]
  if (bin !== undefined) {
    const [users, none] = [join(dir, name, 'passwd'), join(dir, name, 'none')]
    const { username, homedir } = userInfo()
    await writeFile(
      users,
      `${username}:x:${userInfo().uid}:${userInfo().gid}::${homedir}:/bin/sh\n`,
    )
    await mkdir(none)
    await copyFile(program, server)
    // /bin and /sbin are links to these. The last one hides the tools that mount.
    mounts.push([users, '/etc/passwd'], [none, '/usr/sbin'], [bin, '/usr/bin'])
  }
  const script =
    'while [ "$1" != -- ]; do mount --bind "$1" "$2" && shift 2 || exit 1; done; shift; exec "$@"'
  const args = ['-F', '-E', '-s', '-p', `127.0.0.1:${port}`, '-r', hostKeyFile]
  return startServer({
    dir,
    name,
    port,
    home,
    keyFile,
    hostKey: /^(ssh-ed25519 \S+)/m.exec(stdout)?.[1] ?? '',
    command: [
      ...(['unshare', '-m', 'sh', '-c', script, 'sh'] as const),
      ...mounts.flat(),
      '--',
      server,
      ...args,
      '-P',
      join(dir, name, 'pid'),
    ],
    ready: 'Not backgrounding',
  })
}
