import { useStores } from '../../state/stores.ts'
import { ReasonDialog } from '../../ui/ReasonDialog.tsx'

interface Props {
  opened: boolean
  run: string
  pipeline: string
  onClose: () => void
}

export function CancelDialog({ opened, run, pipeline, onClose }: Props) {
  const { bridge } = useStores()
  return (
    <ReasonDialog
      words={opened ? cancelWords(pipeline) : null}
      act={async (reason) => {
        await bridge.call('run.cancel', { run, reason })
      }}
      onClose={onClose}
    />
  )
}

const cancelWords = (pipeline: string) => ({
  title: `Cancel this run of ${pipeline}?`,
  text: 'Tasks that run are stopped on their hosts, and Sluice checks that nothing of them is left. What has succeeded is kept: a resume goes on from there.',
  kept: 'Kept with the run. May be empty.',
  leave: 'Keep it running',
  act: 'Cancel the run',
  grave: true,
})
