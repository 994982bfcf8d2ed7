import { expect, test } from 'vitest'
import { dropbearSkipReason } from '../helpers/dropbear.ts'
import { hostName } from '../helpers/host-kit.ts'
import { conformance } from './conformance.ts'
import { busybox, edgeSubject, opened } from './subjects.ts'

const skip = dropbearSkipReason ?? (busybox === null ? 'busybox is not installed' : null)

conformance('Dropbear and BusyBox', edgeSubject, skip)

test.skipIf(skip !== null)('the device of these tests has busybox and nothing else', async () => {
  const { kit } = await opened(edgeSubject)
  const { facts } = await kit.fleet.check(hostName, AbortSignal.timeout(60_000))
  expect(facts?.shell).toBe('sh (login), busybox (agent)')
  expect(facts?.lacks).toEqual([])
})
