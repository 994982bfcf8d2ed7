// A home whose engine is up by `sluice serve`, on a workspace with one local host: what people do to runs that go on.
import { openTestHome } from './sluice-process.ts'
import type { TestHome } from './sluice-process.ts'

/** `files`: of the workspace, besides its `sluice.yaml`. Its `close` ends the engine too. */
export async function openServedHome(files: Readonly<Record<string, string>>): Promise<TestHome> {
  const home = openTestHome()
  home.write('sluice.yaml', 'environments: { dev: { hosts: { worker: local } } }\n')
  for (const [path, text] of Object.entries(files)) home.write(path, text)
  const server = home.start('serve')
  await server.until(/Ctrl-C ends it/)
  return {
    ...home,
    async close() {
      server.child.kill('SIGTERM')
      await server.ended
      await home.close()
    },
  }
}
