// Draws the PNG icons from build/*.svg: node scripts/icons.ts. The results are committed.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { findChromium } from '../test/e2e/find-chromium.ts'

const root = join(import.meta.dirname, '..')
const icons = [
  { from: 'build/icon.svg', to: 'build/icon.png', size: 1024 },
  { from: 'build/icon.svg', to: 'electron/desktop/icon.png', size: 256 },
  { from: 'build/icon.svg', to: 'electron/desktop/tray.png', size: 32 },
  // macOS colours a template image itself; only its shape counts.
  { from: 'build/tray.svg', to: 'electron/desktop/trayTemplate.png', size: 16 },
  { from: 'build/tray.svg', to: 'electron/desktop/trayTemplate@2x.png', size: 32 },
]

const browser = await chromium.launch({ executablePath: findChromium() })
for (const { from, to, size } of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  const svg = await readFile(join(root, from), 'utf8')
  const page64 = Buffer.from(svg).toString('base64')
  await page.setContent(
    `<body style="margin:0"><img style="display:block;width:${size}px" src="data:image/svg+xml;base64,${page64}">`,
  )
  await page.screenshot({ path: join(root, to), omitBackground: true })
  await page.close()
}
await browser.close()
