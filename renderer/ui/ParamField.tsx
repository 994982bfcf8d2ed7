import { NativeSelect, Switch, TextInput } from '@mantine/core'
import type { ParamSpec } from '../../shared/pipeline/spec.ts'
import { dayWords } from './time-words.ts'
import css from './ParamField.module.css'

interface Props {
  param: ParamSpec
  /** Text, or a switch. */
  written: string | boolean
  problem: string | undefined
  onWrite: (written: string | boolean) => void
}

/** One field of a form that is made from params. */
export function ParamField({ param, written, problem, onWrite }: Props) {
  const common = {
    // A date field shows the day as the browser likes to: 03/04 is a day in March to some.
    label:
      param.type === 'date' && dayWords(String(written)) !== '' ? (
        <>
          {param.name} <span className={css['day']}>{dayWords(String(written))}</span>
        </>
      ) : (
        param.name
      ),
    description: param.description,
    ...(problem !== undefined && { error: problem }),
  }
  switch (param.type) {
    case 'boolean':
      return (
        <Switch
          {...common}
          checked={written === true}
          onChange={(event) => onWrite(event.currentTarget.checked)}
        />
      )
    case 'choice':
      return (
        <NativeSelect
          {...common}
          data={param.default === null ? ['', ...param.choices] : [...param.choices]}
          value={String(written)}
          onChange={(event) => onWrite(event.currentTarget.value)}
        />
      )
    default:
      return (
        <TextInput
          {...common}
          type={param.type === 'date' ? 'date' : 'text'}
          inputMode={
            param.type === 'integer' ? 'numeric' : param.type === 'number' ? 'decimal' : 'text'
          }
          withAsterisk={param.default === null}
          value={String(written)}
          onChange={(event) => onWrite(event.currentTarget.value)}
        />
      )
  }
}
