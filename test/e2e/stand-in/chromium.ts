// Starts one Chromium without a window and finds its DevTools address.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--disable-dev-shm-usage',
  // Several windows, none on a screen: all must go on painting.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--password-store=basic',
  '--use-mock-keychain',
  '--remote-debugging-port=0',
  // Not spoken over: Chromium ends when the other end of this pipe does, also by SIGKILL.
  '--remote-debugging-pipe',
]

const startMsMax = 30_000

export interface Chromium {
  process: ChildProcess
  url: string
}

export async function startChromium(executable: string, profileDir: string): Promise<Chromium> {
  mkdirSync(profileDir, { recursive: true })
  const child = spawn(executable, [...flags, `--user-data-dir=${profileDir}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  })
  if (child.stderr === null) throw new Error('Chromium has no stderr')
  const { stderr } = child
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${executable} gave no DevTools address in ${startMsMax} ms:\n${said}`))
    }, startMsMax)
    stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-20_000)
      const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1]
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found)
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${executable} ended with ${code}:\n${said}`)))
  })
  return { process: child, url }
}
