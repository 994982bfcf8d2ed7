// Why a host would not start an agent or an attempt, in words for people. The host says a reason, never a sentence.

const otherFolder =
  'Name another one: `folder` of the host in sluice.yaml, or SLUICE_FOLDER in its account.'

/** Reasons of one word; what follows in the host's own words is kept. */
const words: Readonly<Record<string, string>> = {
  disk_full:
    'The disk of the host is full: nothing can be written in the folder of Sluice there. Free some room.',
  no_inodes: `The disk of the host has no inodes left, however much room it has: no file can be made in the folder of Sluice there. Remove files that nobody needs. ${otherFolder}`,
  read_only: `The folder of Sluice on the host lies on a read-only file system. ${otherFolder}`,
  quota_used_up: 'The quota of the account on the host is used up. Free some room.',
  may_not_write: `The account may not write in the folder of Sluice on the host. ${otherFolder}`,
  cannot_write: `The host cannot write in the folder of Sluice. ${otherFolder}`,
  cannot_enter_folder: 'The host cannot enter the working folder that it has made.',
  cannot_fork: 'The host has no room for another process of the account.',
  no_tar_to_unpack_its_checkpoint:
    'The host has no tar, so it cannot unpack the folder that an earlier attempt saved as its checkpoint.',
  got_the_order_after_its_lease_had_run_out:
    'The order reached the host after its lease had run out, so it was not started.',
  has_no_clock_that_could_hold_a_lease:
    'The host has no clock that nobody steps, so it can keep no lease and nothing may fail over from it.',
}

/** `reason`: one word per underscore, as in an end record. */
export function refusalInWords(reason: string): string {
  const known = words[reason]
  if (known !== undefined) return known
  if (/^file_[0-9a-f]{64}$/.test(reason))
    return 'A file of the task is no longer on the host; it was removed while the order was on its way.'
  return `The host refused: ${reason.replaceAll('_', ' ').slice(0, 200)}.`
}

/** The agent could not be put where it belongs: `said` is what the host's tools said about `folder`. */
export function folderRefusedInWords(folder: string, said: string): string {
  const found = said.trim().slice(0, 300)
  if (/no inodes left/.test(found))
    return `The disk of the host has no inodes left, however much room it has: no file can be made in ${folder}. Remove files that nobody needs. ${otherFolder}`
  if (/no space|quota/i.test(found))
    return `The disk of the host is full: there is no room for the agent in ${folder} (${found}). Free some room. ${otherFolder}`
  if (/read-only/i.test(found))
    return `${folder} lies on a read-only file system of the host (${found}). ${otherFolder}`
  if (found === 'zsh reads the agent')
    return 'zsh cannot run the agent, as it mistakes the exit codes of tasks that end at once. Let SLUICE_SH name another shell there; the login shell may stay zsh.'
  return `The host cannot write in ${folder} (${found === '' ? 'it did not say why' : found}). ${otherFolder}`
}

/** Nothing but a person changes it; a full disk may empty by itself. */
export function isLastingRefusal(said: string): boolean {
  return !/no space|quota/i.test(said)
}
