// The Chromium that the specs use: the machine's own.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const macApps = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Absolute. Throws with what to do when there is none; CHROMIUM_PATH names another. */
export function findChromium(): string {
  const asked = process.env['CHROMIUM_PATH']
  if (asked !== undefined && asked !== '') return asked
  const folders = (process.env['PATH'] ?? '').split(delimiter).concat('/usr/bin')
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)))
  const found = [...candidates, ...macApps].find((path) => existsSync(path))
  if (found === undefined)
    throw new Error(
      'No Chromium found. Install it ("apt-get install chromium"), or set CHROMIUM_PATH.',
    )
  return found
}
