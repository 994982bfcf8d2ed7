import { SegmentedControl, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { SystemInfo } from '../../../shared/api/views.ts'
import { failed, loading, ready, type Loadable } from '../../state/loadable.ts'
import { useStores } from '../../state/stores.ts'
import { ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Page } from '../../ui/Page.tsx'
import { localZone } from '../../ui/time-words.ts'
import css from './SettingsPage.module.css'

const faces: Record<SystemInfo['face'], string> = {
  desktop: 'Desktop app',
  serve: 'Server (sluice serve)',
  cli: 'Command line',
  demo: 'Demo',
}

export function SettingsPage() {
  const { bridge } = useStores()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const [info, setInfo] = useState<Loadable<SystemInfo>>(loading)
  useEffect(() => {
    bridge.call('system.info', {}).then(
      (value) => setInfo(ready(value)),
      (error: unknown) => setInfo(failed(error)),
    )
  }, [bridge])
  return (
    <Page title="Settings">
      <div className={css['page']}>
        <section>
          <h2>Look</h2>
          <div className={css['row']}>
            <span>Theme</span>
            <SegmentedControl
              value={colorScheme}
              onChange={(value) => setColorScheme(value as MantineColorScheme)}
              data={[
                { value: 'auto', label: 'As the system' },
                { value: 'light', label: 'Light' },
                { value: 'dark', label: 'Dark' },
              ]}
            />
          </div>
          <div className={css['row']}>
            <span>Your time zone</span>
            <span className="soft">{localZone()}</span>
          </div>
        </section>
        <section>
          <h2>This engine</h2>
          {info.kind === 'loading' && <Loading rows={4} />}
          {info.kind === 'error' && <ErrorBlank error={info.error} />}
          {info.kind === 'ready' && (
            <>
              <Fact name="Version" value={info.value.version} />
              <Fact name="Workspace" value={info.value.workspace} copy />
              <Fact name="Home folder" value={info.value.home} copy />
              <Fact name="Runs as" value={`${faces[info.value.face]}, process ${info.value.pid}`} />
              <Fact
                name="Environments"
                value={info.value.environments
                  .map((name) =>
                    name === info.value.defaultEnvironment ? `${name} (default)` : name,
                  )
                  .join(', ')}
              />
            </>
          )}
        </section>
      </div>
    </Page>
  )
}

function Fact({ name, value, copy = false }: { name: string; value: string; copy?: boolean }) {
  return (
    <div className={css['row']}>
      <span>{name}</span>
      <span className={`${css['value']} soft`}>
        {copy ? <code>{value}</code> : value}
        {copy && <CopyButton text={value} label={`Copy ${name.toLowerCase()}`} />}
      </span>
    </div>
  )
}
