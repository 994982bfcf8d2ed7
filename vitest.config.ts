import { defineConfig } from 'vitest/config'

// On an older Node the SQLite binding ends the process without a message.
if (Number(process.versions.node.split('.')[0]) < 24) {
  throw new Error(`Tests need Node 24; this is ${process.versions.node}. Run them by "npm test".`)
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [
            'test/hosts/**',
            'test/e2e/**',
            'test/bench/**',
            'test/faults/campaign.test.ts',
          ],
          // No test measures time; a shared machine may be slow.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Real sshd and real processes: slower, and run one file after the other.
        test: {
          name: 'hosts',
          include: ['test/hosts/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          // A condition is waited for, however slow the machine.
          expect: { poll: { timeout: 30_000 } },
        },
      },
      {
        // A slice of the campaign: real hosts, real faults, minutes.
        test: {
          name: 'faults',
          include: ['test/faults/campaign.test.ts'],
          testTimeout: 600_000,
        },
      },
    ],
  },
})
