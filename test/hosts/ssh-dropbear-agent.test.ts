import { dropbearSkipReason } from '../helpers/dropbear.ts'
import { conformance } from './conformance.ts'
import { busybox, edgeSubject } from './subjects.ts'

conformance(
  'Dropbear and BusyBox',
  edgeSubject,
  dropbearSkipReason ?? (busybox === null ? 'busybox is not installed' : null),
)
