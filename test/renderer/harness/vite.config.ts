// Builds the screens over the scripted client: `vite build -c test/renderer/harness/vite.config.ts`.
import { fileURLToPath } from 'node:url'
import { mergeConfig } from 'vite'
import base from '../../../vite.renderer.config.ts'

export default mergeConfig(base, {
  root: fileURLToPath(new URL('.', import.meta.url)),
  build: { outDir: fileURLToPath(new URL('../../../dist/harness', import.meta.url)) },
})
