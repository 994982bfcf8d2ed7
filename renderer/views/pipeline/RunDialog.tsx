import { Button, Group, Modal, NativeSelect, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { PipelineDetail } from '../../../shared/api/views.ts'
import { failed, loading, ready, type Loadable } from '../../state/loadable.ts'
import { go, runRoute } from '../../state/route.ts'
import { useStores } from '../../state/stores.ts'
import { ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { ParamField } from '../../ui/ParamField.tsx'
import { useOneAct } from '../../ui/use-one-act.ts'
import { asksLogicalDate, checkDraft, firstDraft } from '../../state/param-form.ts'
import { RunPlan } from './RunPlan.tsx'
import { startRunStore } from './start-run-store.ts'
import css from './RunDialog.module.css'

/** Asks for the params of a run and starts it. One for the whole page; anything may open it. */
export function RunDialog() {
  const pipeline = useStore(startRunStore, (state) => state.pipeline)
  const close = () => startRunStore.setState({ pipeline: null })
  return (
    <Modal opened={pipeline !== null} onClose={close} title={`Run ${pipeline ?? ''}`} size="md">
      {pipeline !== null && <Asked key={pipeline} pipeline={pipeline} onClose={close} />}
    </Modal>
  )
}

function Asked({ pipeline, onClose }: { pipeline: string; onClose: () => void }) {
  const { bridge } = useStores()
  const [detail, setDetail] = useState<Loadable<PipelineDetail>>(loading)
  useEffect(() => {
    bridge.call('pipeline.get', { pipeline }).then(
      (value) => setDetail(ready(value)),
      (error: unknown) => setDetail(failed(error)),
    )
  }, [bridge, pipeline])
  switch (detail.kind) {
    case 'loading':
      return <Loading rows={3} />
    case 'error':
      return <ErrorBlank error={detail.error} />
    case 'ready':
      return <Form detail={detail.value} onClose={onClose} />
  }
}

function Form({ detail, onClose }: { detail: PipelineDetail; onClose: () => void }) {
  const { bridge } = useStores()
  const [draft, setDraft] = useState(() => firstDraft(detail.params))
  const [environment, setEnvironment] = useState(detail.defaultEnvironment)
  const [asked, setAsked] = useState(false)
  const { busy, failure, perform } = useOneAct()
  const [logicalDate, setLogicalDate] = useState('')
  const { values, problems } = checkDraft(detail.params, draft)
  const isFilled = Object.keys(problems).length === 0
  const dated = asksLogicalDate(detail.text)

  async function start(): Promise<void> {
    setAsked(true)
    if (!isFilled) return
    await perform(async () => {
      const { run } = await bridge.call('run.start', {
        pipeline: detail.name,
        environment,
        params: values,
        ...(logicalDate !== '' && { logicalDate }),
      })
      onClose()
      go(runRoute(run))
    })
  }

  return (
    <form
      noValidate
      className={css['form']}
      onSubmit={(event) => {
        event.preventDefault()
        void start()
      }}
      onKeyDown={(event) => {
        // From a select or a switch as well, where Enter alone does something else.
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || busy) return
        event.preventDefault()
        void start()
      }}
    >
      {detail.description !== '' && <p className="soft">{detail.description}</p>}
      {detail.environments.length > 1 && (
        <NativeSelect
          label="Environment"
          data={[...detail.environments]}
          value={environment}
          onChange={(event) => setEnvironment(event.currentTarget.value)}
        />
      )}
      {detail.params.map((param) => (
        <ParamField
          key={param.name}
          param={param}
          written={draft[param.name] ?? ''}
          problem={asked ? problems[param.name] : undefined}
          onWrite={(written) => setDraft({ ...draft, [param.name]: written })}
        />
      ))}
      {dated && (
        <TextInput
          type="date"
          label="Logical date"
          description="The day that this run stands for."
          value={logicalDate}
          onChange={(event) => setLogicalDate(event.currentTarget.value)}
        />
      )}
      {detail.params.length === 0 && !dated && (
        <p className="soft">This pipeline takes no params.</p>
      )}
      {/* A plan is asked for without a date, and one that needs it would only complain. */}
      {!dated && (
        <RunPlan
          pipeline={detail.name}
          environment={environment}
          params={isFilled ? values : null}
        />
      )}
      <Failure error={failure} />
      <Group className="dialogFoot" justify="space-between">
        <span className="faint">
          <kbd>Ctrl Enter</kbd>
        </span>
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            Not now
          </Button>
          <Button
            type="submit"
            loading={busy}
            {...(detail.params.length === 0 && { 'data-autofocus': true })}
          >
            Run
          </Button>
        </Group>
      </Group>
    </form>
  )
}
