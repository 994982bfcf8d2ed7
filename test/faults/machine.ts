// A host of the campaign, as the attacker holds it: a real sshd with a network, processes and a disk that can be hurt.

export type Shell = 'sh' | 'bash' | 'busybox'

export interface MachineShape {
  name: string
  shell: Shell
  maxSessions: number | null
  /** Its rc file prints a banner, and takes its time. */
  noisy: boolean
  /** The agent's folder is a disk of its own, of so many KB; null: as large as the machine's. */
  diskKb: number | null
  /** Its wall clock can be stepped. */
  stepsClock: boolean
  /** Has a file system that never answers, at `hangingPlace`. */
  hangs: boolean
  /** Its account may run commands as somebody else, by `asOther`. */
  otherUser: boolean
}

export const hangingPlace = '/run/hanging'
export const asOther = '/opt/as-other'

/** How a direction of the cable fares; `up` is towards the host. */
export interface CableState {
  pass: boolean
  lossPercent: number
  delayMs: number
}

export const goodCable: CableState = { pass: true, lossPercent: 0, delayMs: 0 }

export interface Cable {
  set(side: 'up' | 'down', state: CableState): void
  /** Both directions go silent once so many bytes more have gone this way. Resolves then. */
  cutAfter(side: 'up' | 'down', bytes: number): Promise<void>
  /** A cut that has not come will not come. */
  disarm(side: 'up' | 'down'): void
}

/** A process as /proc shows it here, whatever number it has on its host. */
export interface Process {
  pid: number
  name: string
  /** What its host calls it. */
  hostPid: number
  /** Of the attempt that its environment tells of; null where it tells of none. */
  attempt: string | null
}

export interface Machine {
  readonly shape: MachineShape
  /** Where the engine finds it. */
  readonly address: string
  readonly port: number
  readonly user: string
  readonly keyFile: string
  /** Lines of known_hosts, with the key it was born with. */
  readonly knownHosts: string
  /** HOME of its sessions, as it is seen from here. */
  readonly home: string
  readonly cable: Cable
  /** What this machine cannot do here, for the faults that need it. */
  readonly lacks: ReadonlySet<
    'reboot' | 'disk' | 'loss' | 'reuse' | 'clock' | 'other user' | 'hang'
  >
  startSshd(key: 'own' | 'strange'): Promise<void>
  /** The listener ends; its sessions too where `all`. What the sessions started lives on. */
  killSshd(all: boolean): Promise<void>
  killSessions(): Promise<void>
  /** Every process ends at once, and it comes up again under another boot id. */
  reboot(): Promise<void>
  processes(): Process[]
  /** The process that is known on the host by this number. */
  pidOf(hostPid: number): number | null
  /** Somebody else's process gets this number, which must be free. */
  reuse(hostPid: number): void
  fillDisk(): void
  freeDisk(): void
  /** How far its wall clock is off from now on; what counts from its boot goes on. */
  setClock(offSeconds: number): void
}

export interface MachinesWanted {
  seed: number
  shapes: readonly MachineShape[]
  /** Of the key that may log in; empty: none. */
  passphrase: string
}

export interface Machines {
  machines: Machine[]
  close(): Promise<void>
}
