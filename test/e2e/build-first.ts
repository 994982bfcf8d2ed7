// The specs run what a user runs: the built app, brought up to date first. SLUICE_E2E_BUILT=1: it is built already.
import { buildParts } from '../../scripts/build.ts'

export default async function buildFirst(): Promise<void> {
  if (process.env['SLUICE_E2E_BUILT'] === '1') return
  await buildParts(['main', 'preload', 'renderer'], { say: (line) => console.log(line) })
}
