import { Button, Group, Modal } from '@mantine/core'
import { useState } from 'react'
import { errorShape } from '../../../shared/api/app-error.ts'
import type { HostRow } from '../../../shared/api/views.ts'
import { useStores } from '../../state/stores.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import css from './HostsPage.module.css'

interface Props {
  opened: boolean
  host: HostRow
  fingerprint: string
  onClose: () => void
}

/** A person vouches for a host key. The fingerprint is what they compare, so it is the largest thing here. */
export function TrustDialog({ opened, host, fingerprint, onClose }: Props) {
  const { hosts } = useStores()
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState('')

  async function trust(): Promise<void> {
    setBusy(true)
    setFailure('')
    try {
      await hosts.trust(host.name, fingerprint)
      onClose()
    } catch (error) {
      setFailure(errorShape(error).message)
    } finally {
      setBusy(false)
    }
  }

  return (
    <Modal opened={opened} onClose={onClose} title={`Is this the key of ${host.name}?`} size="lg">
      <p className="soft">
        {host.address} shows this key. Compare it with what the host itself says:{' '}
        <code>ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub</code>
      </p>
      <p className={`${css['fingerprint']} mono`}>
        {fingerprint} <CopyButton text={fingerprint} label="Copy the fingerprint" />
      </p>
      <p className="soft">
        If they differ, somebody may be between you and the host. A key that changes later always
        stops.
      </p>
      {failure !== '' && (
        <p className={css['why']} role="alert">
          {failure}
        </p>
      )}
      <Group justify="flex-end" mt="md" gap="xs">
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
