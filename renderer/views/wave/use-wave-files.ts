// What the present files of a wave's pipelines offer to change: their params and their tasks.
import { useEffect, useState } from 'react'
import type { PipelineDetail } from '../../../shared/api/views.ts'
import type { ParamSpec } from '../../../shared/pipeline/spec.ts'
import { useStores } from '../../state/stores.ts'

export interface WaveFiles {
  params: readonly ParamSpec[]
  tasks: readonly string[]
}

const none: WaveFiles = { params: [], tasks: [] }
const filesMax = 50

export function useWaveFiles(pipelines: readonly string[]): WaveFiles {
  const { bridge } = useStores()
  const [files, setFiles] = useState(none)
  const asked = JSON.stringify([...new Set(pipelines)].sort().slice(0, filesMax))
  useEffect(() => {
    let stale = false
    const names = JSON.parse(asked) as string[]
    // A file that is gone offers nothing; the plan itself says what is wrong with one.
    const reads = names.map((pipeline) =>
      bridge.call('pipeline.get', { pipeline }).catch(() => null),
    )
    void Promise.all(reads).then((found) => !stale && setFiles(filesOf(found)))
    return () => {
      stale = true
    }
  }, [bridge, asked])
  return files
}

function filesOf(found: readonly (PipelineDetail | null)[]): WaveFiles {
  const details = found.filter((one) => one !== null)
  const specs = new Map<string, { spec: ParamSpec; of: string[] }>()
  for (const { name, params } of details)
    for (const spec of params) {
      const known = specs.get(spec.name)
      if (known === undefined) specs.set(spec.name, { spec, of: [name] })
      else known.of.push(name)
    }
  const tasks = new Set(details.flatMap(({ graph }) => graph.map(({ name }) => name)))
  return {
    params: [...specs.values()].map(({ spec, of }) =>
      of.length === details.length
        ? spec
        : {
            ...spec,
            description: [spec.description, `of ${of.join(', ')}`].filter(Boolean).join(', '),
          },
    ),
    tasks: [...tasks].sort(),
  }
}
