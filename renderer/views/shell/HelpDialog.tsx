import { Kbd, Modal } from '@mantine/core'
import { useStore } from 'zustand'
import { helpStore } from './help-store.ts'
import css from './HelpDialog.module.css'

const KEYS: readonly { title: string; rows: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Everywhere',
    rows: [
      ['Ctrl K', 'Find a page, pipeline, run or action'],
      ['g n', 'Now'],
      ['g p', 'Pipelines'],
      ['g r', 'Runs'],
      ['g i', 'Incidents'],
      ['g h', 'Hosts'],
      ['g s', 'Schedule'],
      ['g a', 'Audit'],
      ['/', 'Filter the list'],
      ['Ctrl Enter', 'Do what a form asks, from any of its fields'],
      ['?', 'These keys'],
    ],
  },
  {
    title: 'Lists',
    rows: [
      ['j k', 'Down and up, as the arrows do'],
      ['Home End', 'First and last row'],
      ['← →', 'What else a row offers'],
      ['Enter', 'Open the row'],
      ['Esc', 'Close what is open beside the list'],
    ],
  },
  {
    title: 'Graph',
    rows: [
      ['← → ↑ ↓', 'From task to task'],
      ['Shift ← →', 'Move the drawing'],
      ['+ -', 'Zoom'],
      ['0', 'Fit'],
      ['c', 'Fold the group of the chosen task'],
      ['Enter', 'Unfold a group'],
      ['Esc', 'Close the task'],
    ],
  },
  {
    title: 'Run',
    rows: [
      ['p', 'Pause the run, or let it go on'],
      ['h', 'Hold the chosen task back, or let it go'],
      ['a', 'Answer what the chosen task asks'],
      ['t', 'A shell for the chosen attempt, on its host'],
    ],
  },
  {
    title: 'Log',
    rows: [
      ['Ctrl F', 'Find'],
      ['Enter', 'Next'],
      ['Shift Enter', 'Previous'],
      ['Home End', 'First and last line'],
      ['Ctrl click', 'Open a link'],
    ],
  },
  {
    title: 'Shell',
    rows: [
      ['Ctrl Shift O', 'Out of the shell: every other key is the shell’s'],
      ['Ctrl Shift C', 'Copy the selection (selecting copies, too)'],
      ['Ctrl Shift V', 'Paste'],
    ],
  },
]

export function HelpDialog() {
  const opened = useStore(helpStore, (state) => state.opened)
  return (
    <Modal
      opened={opened}
      onClose={() => helpStore.setState({ opened: false })}
      title="Keys"
      size={680}
    >
      <div className={css['columns']}>
        {KEYS.map((group) => (
          <section key={group.title}>
            <h3 className={css['title']}>{group.title}</h3>
            <dl className={css['keys']}>
              {group.rows.map(([keys, words]) => (
                <div key={keys}>
                  <dt>
                    {keys.split(' ').map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dt>
                  <dd>{words}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  )
}
