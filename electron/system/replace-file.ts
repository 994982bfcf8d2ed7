// A small file that is there as it was or as it is to be, whenever the process is killed.
import { renameSync, writeFileSync } from 'node:fs'

export function replaceFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`
  writeFileSync(temporary, text, { mode: 0o600, flush: true })
  renameSync(temporary, file)
}
