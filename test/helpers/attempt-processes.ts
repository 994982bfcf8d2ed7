// Who on this machine belongs to an attempt, as the tests see it: not by the agent's own means.
import { readFileSync, readdirSync } from 'node:fs'

/** Pids of processes that bear an attempt's mark. */
export function bearersOf(key: string): string[] {
  return pids().filter((pid) =>
    readProc(pid, 'environ').split('\0').includes(`SLUICE_ATTEMPT=${key}`),
  )
}

/** Pids of processes with this word among their arguments, zombies left out. */
export function runningWith(word: string): string[] {
  return pids().filter((pid) => readProc(pid, 'cmdline').split('\0').includes(word))
}

function pids(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    // A process that is gone by now bears nothing.
    return ''
  }
}
