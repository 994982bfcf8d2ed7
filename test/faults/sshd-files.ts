// What a host's sshd is given: keys of its own and of a stranger, a config for each, a banner, an rc file.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeKey } from '../helpers/test-server.ts'
import type { MachineShape } from './machine.ts'
import { witness } from './task-text.ts'

export type KeyName = 'own' | 'strange'

export const sshd = '/usr/sbin/sshd'

/** The home, `.sluice` in it, keys and configs. `lines` are this kind of host's. */
export async function writeSshdFiles(
  own: string,
  given: { keyFile: string; shape: MachineShape; lines: readonly string[] },
): Promise<void> {
  const { keyFile, shape, lines } = given
  const home = join(own, 'home')
  mkdirSync(join(home, '.sluice'), { recursive: true })
  for (const folder of [witness.progress, witness.alive]) mkdirSync(join(home, folder))
  const banner = join(own, 'banner')
  writeFileSync(banner, 'Authorised use only. = 1 ok\n* ended\n')
  for (const key of ['own', 'strange'] as const) {
    await makeKey(join(own, `${key}_key`))
    writeFileSync(
      configFile(own, key),
      [
        `HostKey ${join(own, `${key}_key`)}`,
        `AuthorizedKeysFile ${keyFile}.pub`,
        'PidFile none',
        'UsePAM no',
        'StrictModes no',
        'PermitRootLogin yes',
        'PasswordAuthentication no',
        'KbdInteractiveAuthentication no',
        'PrintLastLog no',
        'PrintMotd no',
        'UseDNS no',
        'MaxStartups 100',
        'LogLevel VERBOSE',
        ...(shape.maxSessions === null ? [] : [`MaxSessions ${shape.maxSessions}`]),
        ...(shape.noisy ? [`Banner ${banner}`] : []),
        ...lines,
        '',
      ].join('\n'),
    )
  }
  if (!shape.noisy) return
  // bash reads it for commands over ssh as well; the others know no such file, and greet by sshd's banner alone.
  writeFileSync(
    join(home, '.bashrc'),
    "printf 'Welcome!\\n\\033[1m= = = # 1 * ended\\033[0m sluice-want\\n'; sleep 0.7; printf 'no newline'\n",
  )
}

export function configFile(own: string, key: KeyName): string {
  return join(own, `sshd_config_${key}`)
}

/** `type base64`. */
export function publicKey(own: string): string {
  return readFileSync(join(own, 'own_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ').trim()
}
