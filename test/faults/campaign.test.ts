// A slice of the campaign for every machine that runs the tests. The whole of it: npm run test:faults.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { faultKinds } from './case-shape.ts'
import { whatIsAllowed } from './surroundings.ts'

/** One case of each kind where the machine is quick enough; what the time does not allow is left out and said. */
const cases = Number(process.env['SLUICE_FAULT_CASES'] ?? faultKinds.length)
const minutes = Number(process.env['SLUICE_FAULT_MINUTES'] ?? 5)
const allowed = whatIsAllowed()
if (allowed.mode === 'nothing') console.log(`Skipped, no case can be played here: ${allowed.why}`)

describe.skipIf(allowed.mode === 'nothing')('a campaign of faults', () => {
  test(
    `up to ${cases} seeded cases in ${minutes} min: nothing starts twice, nothing is lost, no byte is missing`,
    { timeout: (minutes + 15) * 60_000 },
    async () => {
      const script = join(import.meta.dirname, 'faults.ts')
      const args = ['--cases', String(cases), '--minutes', String(minutes)]
      const child = spawn(process.execPath, [script, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (bytes: Buffer) => (said += bytes.toString()))
      const [code] = (await once(child, 'exit')) as [number | null]
      console.log(said)
      expect(code).toBe(0)
    },
  )
})
