import { Button, NumberInput, SegmentedControl, TextInput } from '@mantine/core'
import { useState } from 'react'
import { batchWords } from '../../../shared/run/wave-words.ts'
import type { WavePlan, WavePlanRun } from '../../../shared/run/wave.ts'
import { go, hashOf, runRoute, waveRoute } from '../../state/route.ts'
import { ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { Page } from '../../ui/Page.tsx'
import { LEFT_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import table from '../../ui/table.module.css'
import { countWords, dateWords, exactWords } from '../../ui/time-words.ts'
import { VirtualRows } from '../../ui/VirtualRows.tsx'
import { planWords } from '../../state/recovery.ts'
import { useWavePlan } from './use-wave-plan.ts'
import css from './Wave.module.css'

/** What a wave would do with all runs that failed like one, before anything is done. */
export function WavePlanPage({ like }: { like: string }) {
  const [canary, setCanary] = useState(1)
  const [batch, setBatch] = useState(5)
  const [version, setVersion] = useState<'pinned' | 'fixed'>('pinned')
  const [reason, setReason] = useState('')
  const shown = useWavePlan({ like, canary, batch, version })
  const { plan, error, isPlanning, isOther, isBusy } = shown
  const going = plan?.runs.filter((one) => one.batch !== null).length ?? 0

  async function start(): Promise<void> {
    const wave = await shown.start(reason.trim())
    if (wave !== null) go(waveRoute(wave))
  }

  return (
    <Page
      title={plan === null ? 'Recover all' : `Recover ${countWords(going, 'run')}`}
      still
      beside={
        <a className={css['back']} href={hashOf(runRoute(like))}>
          Back to the run
        </a>
      }
      actions={
        <Button
          loading={isBusy}
          disabled={error !== null || isPlanning || going === 0}
          leftSection={<Icon name="resume" size={13} />}
          onClick={() => void start()}
        >
          {going <= canary ? 'Start' : `Start with ${canary === 1 ? 'one run' : `${canary} runs`}`}
        </Button>
      }
    >
      <section className={css['top']}>
        {plan !== null && <code className={css['words']}>{plan.words}</code>}
        <div className={css['options']}>
          <Count label="Canary runs" max={100} value={canary} onChange={setCanary} />
          <Count label="Then at a time" max={1000} value={batch} onChange={setBatch} />
          <div>
            <div className={css['label']}>Pipeline files</div>
            <SegmentedControl
              value={version}
              onChange={(value) => setVersion(value as 'pinned' | 'fixed')}
              data={[
                { value: 'pinned', label: 'As each run has it' },
                { value: 'fixed', label: 'As they are now' },
              ]}
            />
          </div>
          <TextInput
            className={css['reason']}
            label="Reason"
            placeholder="What was mended; kept in the audit"
            maxLength={1000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </div>
        <p className={css['rule']}>{ruleWords(canary, batch)}</p>
        {isOther && (
          <p className={css['why']} role="alert">
            The plan is another by now: look at it again.
          </p>
        )}
        {plan !== null && plan.unexplained > 0 && (
          <p className={css['why']} role="status">
            {countWords(plan.unexplained, 'failed run')} not looked at yet, so more may belong to
            it.{' '}
            <button type="button" className="wordButton" onClick={shown.again}>
              Look again
            </button>
          </p>
        )}
      </section>
      {error !== null ? (
        <ErrorBlank error={error} onAgain={shown.again} />
      ) : plan === null ? (
        <Loading rows={6} label="Planning" />
      ) : (
        <Rows plan={plan} isPlanning={isPlanning} />
      )}
    </Page>
  )
}

function ruleWords(canary: number, batch: number): string {
  const first = canary === 1 ? 'The first run goes alone' : `The first ${canary} runs go alone`
  const rest = canary === 1 ? 'it has' : 'they have'
  return `${first}. Once ${rest} recovered, the rest follows ${batch === 1 ? 'one by one' : `${batch} at a time`}. A run that fails for the same reason again stops it all, and so does one that fails for another.`
}

function Rows({ plan, isPlanning }: { plan: WavePlan; isPlanning: boolean }) {
  const runById = new Map(plan.runs.map((one) => [one.run as string, one]))
  return (
    <div className={table['place']} aria-busy={isPlanning}>
      <VirtualRows
        label="Runs that this wave recovers"
        keys={[...runById.keys()]}
        rowHeight={34}
        head={
          <div className={`${table['head']} ${css['plan']}`}>
            <span>Turn</span>
            <span>Run</span>
            <span>Pipeline</span>
            <span className={css['wide']}>Environment</span>
            <span className={css['wide']}>Task</span>
            <span className={css['wide']}>Failed</span>
            <span>What it does</span>
          </div>
        }
        row={(key) => {
          const one = runById.get(key)
          return one === undefined ? null : <Line one={one} />
        }}
      />
    </div>
  )
}

function Line({ one }: { one: WavePlanRun }) {
  const what = one.batch === null ? one.why : doesWords(one)
  return (
    <a className={`${table['row']} ${css['plan']}`} href={hashOf(runRoute(one.run))}>
      {one.batch === null ? (
        <StateBadge look={LEFT_LOOK} />
      ) : (
        <span className={one.batch === 0 ? css['canary'] : ''}>{batchWords(one.batch)}</span>
      )}
      <span className="mono cut">{one.run}</span>
      <span className={`${table['strong']} cut`}>{one.pipeline}</span>
      <span className={`${css['wide']} soft cut`}>{one.environment}</span>
      <span className={`${css['wide']} soft cut`}>{one.task}</span>
      <time className={`${css['wide']} num soft`} title={exactWords(one.failedAt)}>
        {dateWords(one.failedAt)}
      </time>
      <span className="soft cut" title={what}>
        {what}
      </span>
    </a>
  )
}

function doesWords({ counts, refusals }: WavePlanRun): string {
  const refused = refusals.map(({ task, reason }) => `${task} ${reason}`)
  return [planWords(counts), ...refused].join('; ')
}

interface CountProps {
  label: string
  max: number
  value: number
  onChange: (value: number) => void
}

function Count({ label, max, value, onChange }: CountProps) {
  return (
    <NumberInput
      label={label}
      size="xs"
      w={104}
      min={1}
      max={max}
      allowDecimal={false}
      clampBehavior="strict"
      value={value}
      onChange={(typed) => onChange(Math.max(1, Number(typed) || 1))}
    />
  )
}
