// The specs run what a user runs: the built app, brought up to date first.
import { buildParts } from '../../scripts/build.ts'

export default async function buildFirst(): Promise<void> {
  await buildParts(['main', 'preload', 'renderer'], { say: (line) => console.log(line) })
}
