// What can really be done to a host or to the engine.

/** The campaign fails where one of them never came in many cases. */
export const deedKinds = [
  'cut before the start',
  'cut after the start',
  'cut while streaming',
  'loss and delay',
  'half-open',
  'sshd restarted',
  'sshd killed',
  'sshd killed with its sessions',
  'sshd frozen',
  'wrong host key',
  'MaxSessions 1',
  'noisy shell',
  'reboot',
  'disk full',
  'home full',
  'supervisor killed',
  'task killed',
  'pid reused',
  'agent killed',
  'supervisor stopped',
  'task stopped',
  'agent stopped',
  'folder wiped',
  'attempt wiped',
  'clock stepped',
  'engine killed',
  'engine asleep',
  'two engines',
  'cancel',
  'timeout',
  'survivor of another user',
  'survivor in the kernel',
  'resume after a failure',
  'asked for a passphrase',
  'failover',
] as const

export type Deed = (typeof deedKinds)[number]
export type Done = Partial<Record<Deed, number>>
