// All handlers. Each knows its noun and no transport: the desktop, the server, the command line and the tests call the same ones.
import type { ApiParts } from './parts.ts'
import { askCalls } from './asks.ts'
import { auditCalls } from './audit.ts'
import { drainCalls } from './drain-calls.ts'
import { hostCalls } from './hosts.ts'
import { shellCalls } from './shells.ts'
import { logCalls } from './logs.ts'
import { pipelineCalls } from './pipelines.ts'
import { peopleCalls } from './people.ts'
import { resumeCalls } from './resume.ts'
import { runCalls } from './runs.ts'
import { waveCalls } from './waves.ts'
import type { Api } from '../../shared/api/contract.ts'
import type { SystemInfo } from '../../shared/api/views.ts'

export function makeApi(parts: ApiParts): Api {
  return {
    'system.info': () => infoNow(parts),
    'schedule.next': (input) => parts.schedule.next(input.limit),
    'schedule.occurrences': async (input) =>
      parts.schedule.occurrences(input.pipeline, input.limit),
    ...pipelineCalls(parts),
    ...runCalls(parts),
    ...resumeCalls(parts),
    ...peopleCalls(parts),
    ...waveCalls(parts),
    ...logCalls(parts),
    ...hostCalls(parts),
    ...drainCalls(parts),
    ...askCalls(parts),
    ...shellCalls(parts),
    ...auditCalls(parts),
  }
}

async function infoNow(parts: ApiParts): Promise<SystemInfo> {
  const drain = parts.drain.now()
  return { ...(await parts.info()), ...(drain === null ? {} : { drain }) }
}
