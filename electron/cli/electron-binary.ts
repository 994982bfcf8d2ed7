// Finds Electron's binary where one was installed. The package is never loaded: that alone would download it.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CliContext } from './context.ts'

export type FoundElectron = { kind: 'found'; path: string } | { kind: 'none'; why: string }

export function findElectron(
  { root, env }: Pick<CliContext, 'root' | 'env'>,
  machine: { platform: string; user: number | undefined } = {
    platform: process.platform,
    user: process.getuid?.(),
  },
): FoundElectron {
  const isLinux = machine.platform === 'linux'
  const path = binaryOf(root, env)
  if (path === null) {
    const how = 'fetch it by: npx install-electron'
    return { kind: 'none', why: `Electron's binary is not here (${how}).` }
  }
  // Chromium's sandbox does not work for root, and Sluice does not run without it.
  if (isLinux && machine.user === 0) {
    return { kind: 'none', why: 'Electron does not run as root.' }
  }
  const hasScreen = (env['DISPLAY'] ?? '') !== '' || (env['WAYLAND_DISPLAY'] ?? '') !== ''
  if (isLinux && !hasScreen) {
    return { kind: 'none', why: 'There is no display for a window here.' }
  }
  return { kind: 'found', path }
}

function binaryOf(root: string, env: CliContext['env']): string | null {
  const folder = join(root, 'node_modules/electron')
  try {
    const name = readFileSync(join(folder, 'path.txt'), 'utf8').trim()
    const path = join(env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist'), name)
    return existsSync(path) ? path : null
  } catch {
    // No path.txt: it was never downloaded. An override may still name a folder with the usual binary.
    const override = env['ELECTRON_OVERRIDE_DIST_PATH']
    const path = override === undefined ? null : join(override, 'electron')
    return path !== null && existsSync(path) ? path : null
  }
}

/** Waits until the app is closed; gives its exit code. */
export function openDesktop(
  context: CliContext,
  binary: string,
  place: { workspace: string; demo: boolean },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, [context.root], {
      stdio: 'inherit',
      env: {
        ...context.env,
        SLUICE_WORKSPACE: place.workspace,
        ...(place.demo ? { SLUICE_DEMO: '1' } : {}),
      },
    })
    const stop = context.onInterrupt(() => child.kill())
    child.on('error', reject)
    child.on('exit', (code) => {
      stop()
      resolve(code ?? 0)
    })
  })
}
