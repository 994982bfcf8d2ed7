import { Tooltip } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { errorShape } from '../../shared/api/app-error.ts'
import { useStores } from '../state/stores.ts'
import { BarSpace, BarState, TerminalPane } from '../terminal/TerminalPane.tsx'
import { Icon } from '../ui/Icon.tsx'
import { byteWords } from '../../shared/run/byte-words.ts'
import { countWords } from '../ui/time-words.ts'
import { Tool } from '../ui/Tool.tsx'
import { downloadLog } from './download-log.ts'
import { FindBar } from './FindBar.tsx'
import { feedLog, type FeedState, type LogAddress } from './log-feed.ts'
import { openLogPane, type LogPane } from './log-pane.ts'
import paneCss from '../terminal/TerminalPane.module.css'
import css from './LogView.module.css'

interface Props {
  address: LogAddress
  /** A line to show once it is here; a new object asks again. */
  jump: { line: number; text: string } | null
}

/** A log larger than this opens at its tail. */
const openWholeBytesMax = 8_000_000
const tailBytes = 2_000_000

/** The log of one attempt: bytes go from the feed to the terminal, past React. */
export function LogView({ address, jump }: Props) {
  const { bridge } = useStores()
  const place = useRef<HTMLDivElement>(null)
  const pane = useRef<LogPane | null>(null)
  const [feed, setFeed] = useState<FeedState>({ kind: 'opening' })
  const [skipped, setSkipped] = useState(0)
  const [wholeOf, setWholeOf] = useState('')
  const [atEnd, setAtEnd] = useState(true)
  const [finding, setFinding] = useState(false)
  const [found, setFound] = useState({ index: -1, count: 0 })
  const [gaps, setGaps] = useState(0)
  const nextGap = useRef(0)
  const pending = useRef(jump)
  const { run, task, item, attempt } = address
  const name = `${run} ${task} ${item ?? ''} ${attempt}`
  const whole = wholeOf === name

  useEffect(() => {
    const opened = openLogPane(place.current as HTMLElement, {
      onAtEnd: setAtEnd,
      onFound: setFound,
      onFindKey: () => setFinding(true),
    })
    pane.current = opened
    return () => {
      pane.current = null
      opened.close()
    }
  }, [])

  useEffect(() => {
    const opened = pane.current as LogPane
    opened.clear()
    // The feed is a new one: what it has marked is counted anew.
    // oxlint-disable-next-line react/set-state-in-effect
    setGaps(0)
    nextGap.current = 0
    const control = new AbortController()
    // React hears of bytes a few times a second, however fast they come.
    let shown = 0
    const onState = (state: FeedState) => {
      if (state.kind === 'live' && state.bytes > 0 && performance.now() - shown < 200) return
      shown = performance.now()
      setFeed(state)
    }
    const tryJump = () => {
      const wanted = pending.current
      if (wanted !== null && opened.toLine(wanted.line, wanted.text)) pending.current = null
    }
    void feedLog(
      bridge,
      { run, task, item, attempt },
      {
        signal: control.signal,
        startAt(bytes) {
          const start = whole || bytes <= openWholeBytesMax ? 0 : bytes - tailBytes
          setSkipped(start)
          return start
        },
        async write(bytes) {
          if (control.signal.aborted) return
          await opened.write(bytes)
          if (pending.current !== null && opened.lines() >= pending.current.line) tryJump()
        },
        async mark(words) {
          if (control.signal.aborted) return
          await opened.mark(words)
          setGaps((count) => count + 1)
        },
        onState(state) {
          onState(state)
          if (state.kind === 'ended') tryJump()
        },
      },
    )
    return () => control.abort()
  }, [bridge, run, task, item, attempt, whole])

  useEffect(() => {
    pending.current = jump
    if (jump === null) return
    // Where a line stands is known only from the start on.
    // oxlint-disable-next-line react/set-state-in-effect
    if (skipped > 0 && !whole) setWholeOf(name)
    else if (pane.current?.toLine(jump.line, jump.text) === true) pending.current = null
  }, [jump, skipped, whole, name])

  function copy(): void {
    void navigator.clipboard.writeText(pane.current?.text() ?? '').then(
      () => notifications.show({ message: 'Log copied.' }),
      (error: unknown) =>
        notifications.show({ color: 'red', message: `Cannot copy: ${errorShape(error).message}` }),
    )
  }

  function save(): void {
    downloadLog(bridge, address).catch((error: unknown) =>
      notifications.show({ color: 'red', message: errorShape(error).message }),
    )
  }

  return (
    <TerminalPane
      label={`Log of ${task}, attempt ${attempt}`}
      place={place}
      onKeyDown={(event) => {
        if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'f') {
          event.preventDefault()
          setFinding(true)
        }
      }}
      bar={
        <>
          <FeedWords feed={feed} />
          {gaps > 0 && (
            <Tooltip label="Part of this log is missing. Show where, and why.">
              <button
                type="button"
                className={paneCss['notice']}
                onClick={() => {
                  pane.current?.toMark(nextGap.current)
                  nextGap.current += 1
                }}
              >
                <Icon name="warning" size={12} /> {countWords(gaps, 'gap')}
              </button>
            </Tooltip>
          )}
          <BarSpace />
          <Tool icon="search" label="Find (Ctrl+F)" onClick={() => setFinding(true)} />
          <Tool icon="copy" label="Copy the selection, or all" onClick={copy} />
          <Tool icon="download" label="Download the whole log" onClick={save} />
          <Tool
            icon="follow"
            label={atEnd ? 'Following the end' : 'Follow the end'}
            on={atEnd}
            onClick={() => pane.current?.toEnd()}
          />
        </>
      }
      above={
        <>
          {skipped > 0 && (
            <p className={css['note']}>
              {byteWords(skipped)} before this are not shown.{' '}
              <button type="button" className="wordButton" onClick={() => setWholeOf(name)}>
                Show from the start
              </button>
            </p>
          )}
          {finding && (
            <FindBar
              found={found}
              onFind={(text, way) => pane.current?.find(text, way)}
              onClose={() => {
                setFinding(false)
                pane.current?.endFind()
              }}
            />
          )}
        </>
      }
      cover={coverOf(feed)}
    />
  )
}

function FeedWords({ feed }: { feed: FeedState }) {
  switch (feed.kind) {
    case 'opening':
      return <span className="faint">Opening…</span>
    case 'live':
      return (
        <BarState kind="live">
          Live <span className="faint num">{byteWords(feed.bytes)}</span>
        </BarState>
      )
    case 'waiting':
      return <span className={css['held']}>Waiting for the connection</span>
    case 'ended':
      return <span className="faint num">Complete, {byteWords(feed.bytes)}</span>
    case 'error':
      return <span className={css['held']}>Not available</span>
  }
}

function coverOf(feed: FeedState): ReactNode {
  if (feed.kind === 'error')
    return (
      <>
        <p>{feed.error.message}</p>
        <p className="faint">{feed.error.hint}</p>
      </>
    )
  if (feed.kind === 'live' && feed.bytes === 0) return 'Nothing logged yet.'
  if (feed.kind === 'ended' && feed.bytes === 0) return 'This attempt logged nothing.'
  return null
}
