// Ctrl-C, a polite end and a closed terminal, for as long as a command listens. Otherwise they end the process as ever.
import { readFileSync } from 'node:fs'

export function onInterrupt(listener: () => void): () => void {
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM']
  if (!isHangUpIgnored()) signals.push('SIGHUP')
  for (const signal of signals) process.on(signal, listener)
  return () => {
    for (const signal of signals) process.off(signal, listener)
  }
}

/** Under `nohup` a closed terminal must not end us; to listen would undo what it did. Told on Linux only. */
function isHangUpIgnored(): boolean {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    // SIGHUP is signal 1: the lowest bit.
    return mask !== undefined && (Number.parseInt(mask.slice(-1), 16) & 1) === 1
  } catch {
    return false // no /proc
  }
}
