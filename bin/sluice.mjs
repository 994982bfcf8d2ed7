#!/usr/bin/env node
// The `sluice` command. Plain JavaScript that any Node can read: it finds Node 24 and hands over.
// On an older Node the SQLite binding ends the process without a message, so nothing else is imported here.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [major, minor] = process.versions.node.split('.').map(Number)

if (major > 24 || (major === 24 && minor >= 16)) {
  await import('../electron/cli.ts')
} else {
  const packaged = ['linux-x64', 'linux-arm64', 'win-x64']
    .map((name) =>
      join(root, 'node_modules', `node-${name}`, 'bin', name === 'win-x64' ? 'node.exe' : 'node'),
    )
    .find((path) => existsSync(path))
  if (packaged === undefined) {
    console.error(
      `sluice needs Node 24.16 or newer and found ${process.versions.node}. Run "npm install" in ${root}, or install Node 24.`,
    )
    process.exit(4)
  }
  const child = spawn(packaged, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  // The child shares our terminal and gets Ctrl-C itself; we only wait to pass its exit code on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => signal === 'SIGINT' || child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)))
}
