import { Button, Group, Modal } from '@mantine/core'
import type { HostRow } from '../../../shared/api/views.ts'
import { useStores } from '../../state/stores.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { useOneAct } from '../../ui/use-one-act.ts'
import { KeyCommand } from './KeyCommand.tsx'
import { keyCommand } from './key-command.ts'
import css from './HostDetail.module.css'

interface Props {
  opened: boolean
  host: HostRow
  fingerprint: string
  onClose: () => void
}

/** A person vouches for a host key. The fingerprint is what they compare, so it is the largest thing here. */
export function TrustDialog({ opened, host, fingerprint, onClose }: Props) {
  const { hosts } = useStores()
  const { busy, failure, perform } = useOneAct()
  const trust = (): Promise<void> =>
    perform(async () => {
      await hosts.trust(host.name, fingerprint)
      onClose()
    })
  return (
    <Modal opened={opened} onClose={onClose} title={`Is this the key of ${host.name}?`} size="lg">
      <p className="soft">
        {host.address} shows a key that is known nowhere on this machine. Compare it with what the
        host itself says, on its own console or by somebody who runs it:
      </p>
      <KeyCommand text={keyCommand(host.askRandomart)} />
      <div className={css['key']}>
        <p className={`${css['fingerprint']} mono`}>
          {fingerprint} <CopyButton text={fingerprint} label="Copy the fingerprint" />
        </p>
        {host.askRandomart !== '' && (
          <pre className={css['randomart']} role="img" aria-label="The key as a picture">
            {host.askRandomart}
          </pre>
        )}
      </div>
      <p className="soft">
        Every character counts, and the picture must be the same. If they differ, somebody may be
        between you and the host. A key that changes later always stops. Your answer is kept in the
        audit.
      </p>
      <Failure error={failure} apart />
      <Group className="dialogFoot" justify="flex-end" mt="xs" gap="xs">
        <Button variant="default" onClick={onClose} data-autofocus>
          Not now
        </Button>
        <Button loading={busy} onClick={() => void trust()}>
          They are equal, trust it
        </Button>
      </Group>
    </Modal>
  )
}
