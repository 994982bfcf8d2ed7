import type { HostRow } from '../../../shared/api/views.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { KeyCommand } from './KeyCommand.tsx'
import css from './HostDetail.module.css'

interface Props {
  host: HostRow
  changed: NonNullable<HostRow['changedKey']>
}

/** A stop sign, and no way to wave it through: a changed key is accepted nowhere on a screen (H8). */
export function ChangedKey({ host, changed }: Props) {
  return (
    <section className={css['halt']} role="alert">
      <h3>
        <Icon name="halt" size={18} /> The key of {host.name} has changed
      </h3>
      <p>
        Sluice has stopped: nothing was sent, and nothing will be. Either the machine has a new key,
        or another machine stands in its place.
      </p>
      <dl className={css['keys']}>
        <div>
          <dt>Known until now</dt>
          {changed.known.length === 0 && <dd>none of this type</dd>}
          {changed.known.map((key) => (
            <dd key={key} className="mono">
              {key}
            </dd>
          ))}
        </div>
        <div>
          <dt>Shown now</dt>
          <dd className="mono">
            {changed.shown} <CopyButton text={changed.shown} label="Copy the key shown" />
          </dd>
        </div>
      </dl>
      <h4>What to do</h4>
      <ol className={css['steps']}>
        <li>
          Ask whoever runs the machine whether it was installed anew or moved, by a way that does
          not go through it.
        </li>
        <li>
          If so, compare what its console says with the key shown now:
          <KeyCommand text="for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $f; done" />
        </li>
        <li>
          Equal? Take the old line out of the file named below, then press Test. Sluice then asks
          about the new key.
        </li>
        <li>
          Not equal, or nobody knows of a change: do not connect, and tell your security team.
        </li>
      </ol>
      {host.why !== '' && <p className={css['haltWhy']}>{host.why}</p>}
    </section>
  )
}
