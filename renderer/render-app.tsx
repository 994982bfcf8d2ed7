// Puts the app on a page: theme, stores, screens.
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/mantine.css'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import type { Bridge } from './bridge/bridge.ts'
import { startElk } from './graph/lay-out.ts'
import { makeStores, StoresContext } from './state/stores.ts'
import { giveEveryStyleTheNonce, readStyleNonce } from './styles/style-nonce.ts'
import { cssVariables, theme } from './styles/theme.ts'

export function renderApp(root: HTMLElement, bridge: Bridge): void {
  const nonce = readStyleNonce()
  giveEveryStyleTheNonce(nonce)
  const stores = makeStores(bridge)
  requestIdleCallback(() => startElk())
  createRoot(root).render(
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={localStorageColorSchemeManager({ key: 'sluice.theme' })}
      cssVariablesResolver={cssVariables}
      getStyleNonce={() => nonce}
    >
      <StoresContext.Provider value={stores}>
        <App />
        <Notifications position="bottom-right" autoClose={4000} limit={4} />
      </StoresContext.Provider>
    </MantineProvider>,
  )
}
