// Waits for a run to be so, by its own stream.
import { join } from 'node:path'
import { followRun } from '../../electron/cli/follow-run.ts'
import type { FollowedRun } from '../../electron/cli/follow-run.ts'
import { runJson } from '../../electron/cli/run-json.ts'
import type { RunJson } from '../../electron/cli/run-json.ts'
import { connectLocalSocket } from '../../electron/server/local-socket.ts'
import { homePaths } from '../../electron/system/home.ts'
import type { TestHome } from './sluice-process.ts'

/** Until the run, as scripts see it, is so; also where it has ended without. An engine must be up. */
export async function untilRun(
  home: TestHome,
  run: string,
  isSo: (run: RunJson) => boolean,
): Promise<RunJson> {
  const client = await connectLocalSocket(homePaths(join(home.dir, 'home'), home.env).socket)
  if (client === null) throw new Error('No engine is up')
  const leave = new AbortController()
  const looks: Promise<void>[] = []
  const onChange = async (followed: FollowedRun): Promise<void> => {
    if (isSo(await runJson(client, followed))) leave.abort()
  }
  const followed = await followRun({
    client,
    run,
    onChange: (followed) => void looks.push(onChange(followed)),
    signal: leave.signal,
  })
  if (followed === null) throw new Error('The run was not seen')
  const seen = await runJson(client, followed)
  await Promise.all(looks)
  client.close()
  return seen
}
