import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { conformance } from './conformance.ts'
import { busybox, busyboxTools, linkTo, localSubject } from './subjects.ts'

conformance('local, the sh of this system', () => localSubject())

for (const shell of ['bash', 'mksh']) {
  const program = `/bin/${shell}`
  const skip = existsSync(program) ? null : `${shell} is not installed`
  conformance(`local, ${shell} as sh`, () => localSubject(linkTo(program)), skip)
}

conformance(
  'local, busybox alone',
  () =>
    localSubject((dir) => {
      const bin = busyboxTools(dir)
      return { SLUICE_SH: join(bin, 'ash'), PATH: bin }
    }),
  busybox === null ? 'busybox is not installed' : null,
)
