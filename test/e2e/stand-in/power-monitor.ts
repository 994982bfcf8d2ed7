// `powerMonitor`: nothing sleeps by itself; a spec emits what the system would.
import { StrictEmitter, strict } from './strict.ts'

export const powerMonitor = strict(
  'powerMonitor',
  new StrictEmitter('powerMonitor', ['suspend', 'resume', 'on-ac', 'on-battery', 'shutdown']),
)
