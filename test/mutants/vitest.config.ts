// What a mutation check runs for each mutant: the engine's tests but the random lives, which take longer than all others.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/engine/**/*.test.ts'],
    exclude: ['test/engine/queue-lives.test.ts', 'test/engine/random-queues.test.ts'],
    testTimeout: 60_000,
    // Modules hold no state, so a file need not load them anew.
    isolate: false,
  },
})
