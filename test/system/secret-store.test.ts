import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../electron/system/clock.ts'
import { systemSecrets } from '../../electron/system/secret-store.ts'

// Speaks as libsecret's tool does: `lookup` says nothing and exits with 1 where there is nothing.
const tool = `#!/bin/sh
dir=\${0%/*}
printf '%s\\n' "$*" >> "$dir/argv"
case $1 in
  store) shift; cat > "$dir/kept-$(printf %s "$*" | cksum | tr -d ' ')" ;;
  lookup | clear)
    word=$1; shift
    file=$dir/kept-$(printf %s "--label=Sluice: $4 $*" | cksum | tr -d ' ')
    [ -e "$dir/locked" ] && { echo 'Cannot unlock' >&2; exit 1; }
    [ -e "$file" ] || exit 1
    if [ "$word" = lookup ]; then cat "$file"; else rm "$file"; fi ;;
esac
`

function withTool(): { dir: string; env: Record<string, string> } {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-secrets-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, 'secret-tool'), tool)
  chmodSync(join(dir, 'secret-tool'), 0o755)
  const PATH = `${dir}:${process.env['PATH'] ?? ''}`
  return { dir, env: { PATH, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' } }
}

test('H7: a secret is kept, given and forgotten, and is never an argument of a program', async () => {
  const { dir, env } = withTool()
  const secrets = systemSecrets(env, systemClock, 'linux')
  expect(secrets.unavailable).toBeNull()
  const name = 'password etl@gate:22'
  expect(await secrets.get(name)).toBeNull()
  await secrets.set(name, 'hunter2 with "quotes"\nand lines')
  expect(await secrets.get(name)).toBe('hunter2 with "quotes"\nand lines')
  expect(await secrets.get('password etl@other:22')).toBeNull()
  await secrets.delete(name)
  expect(await secrets.get(name)).toBeNull()
  const argv = readFileSync(join(dir, 'argv'), 'utf8')
  expect(argv).toContain(name)
  expect(argv).not.toContain('hunter2')
})

test('a keyring that stays locked is told, not taken for an empty one', async () => {
  const { dir, env } = withTool()
  writeFileSync(join(dir, 'locked'), '')
  const secrets = systemSecrets(env, systemClock, 'linux')
  await expect(secrets.get('x')).rejects.toThrow('Cannot unlock')
})

test('where nothing can be kept, the reason is there before anybody is asked', () => {
  const { env } = withTool()
  const why = (given: Record<string, string>, platform: NodeJS.Platform): string | null =>
    systemSecrets(given, systemClock, platform).unavailable
  expect(why(env, 'darwin')).toContain('Linux only')
  expect(why({ ...env, DBUS_SESSION_BUS_ADDRESS: '' }, 'linux')).toContain('no desktop session')
  expect(why({ ...env, PATH: '/nonexistent' }, 'linux')).toContain('libsecret-tools')
})
