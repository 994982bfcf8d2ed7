// Files that hold what nobody else on the machine may read, also where the folder around them is open.
import { closeSync, openSync } from 'node:fs'
import { errorCode } from './error-code.ts'

/** For a library that would make it readable by all: makes it empty and this user's alone where it is not there yet. */
export function makePrivateFile(file: string): void {
  try {
    // Never opens one that is there: closing it again would drop the locks that this process has on it.
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
}
