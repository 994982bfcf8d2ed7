// What makes a home this process's own: the lock, the workspace its unfinished runs belong to, the name hosts know it by.
import { randomBytes } from 'node:crypto'
import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { HomePaths } from '../system/home.ts'
import { lockHome, readHolder } from '../system/home-lock.ts'
import type { HomeLock } from '../system/home-lock.ts'
import { replaceFile } from '../system/replace-file.ts'
import { AppError } from '../../shared/api/app-error.ts'

/** A1: throws AppError('engine-busy') that names who has it. */
export function takeHome(paths: HomePaths, face: string): HomeLock {
  const lock = lockHome(paths.home, face)
  if (lock !== null) return lock
  const holder = readHolder(paths.home)
  const who = holder === null ? 'another process' : `${holder.face}, pid ${holder.pid}`
  throw new AppError('engine-busy', `Another engine has this home: ${who}.`, {
    hint: `Stop it, or set SLUICE_HOME to another folder than ${paths.home}.`,
  })
}

/**
 * A3: the workspace asked for, else the one this home had last. Throws AppError('conflict') for another one while runs
 * are unfinished: their hosts would be looked up in the wrong file.
 */
export function ownWorkspace(
  paths: HomePaths,
  asked: string | null,
  unfinished: readonly string[],
): string | null {
  const file = join(paths.home, 'workspace')
  const last = readIfThere(file)
  const dir = asked ?? (last !== null && isFolder(last) ? last : null)
  const isOther = dir !== null && last !== null && realPath(dir) !== realPath(last)
  if (isOther && unfinished.length > 0) {
    throw new AppError(
      'conflict',
      `This home has ${unfinished.length} unfinished run${unfinished.length === 1 ? '' : 's'} of the workspace ${last}, not of ${dir}.`,
      {
        hint: `Finish them (sluice serve --workspace ${last}), cancel them, or set SLUICE_HOME to another folder.`,
      },
    )
  }
  const real = dir === null ? null : realPath(dir)
  if (real !== null && real !== last) replaceFile(file, real)
  return dir
}

/** The same over restarts: a host can end what an earlier process of this home left connected. */
export function clientId(home: string): string {
  const file = join(home, 'client')
  const known = readIfThere(file)
  if (known !== null && /^[0-9a-z]{12,20}$/.test(known)) return known
  const made = randomBytes(8).toString('hex')
  replaceFile(file, made)
  return made
}

function readIfThere(file: string): string | null {
  try {
    const text = readFileSync(file, 'utf8').trim()
    return text === '' ? null : text // a power cut may leave an empty one
  } catch {
    return null // not there yet, or not ours to read: as if it were new
  }
}

export function isFolder(path: string): boolean {
  try {
    realpathSync(join(path, '.'))
    return true
  } catch {
    return false
  }
}

/** Itself where there is nothing. */
export function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path // gone: then its name is all there is to compare
  }
}
