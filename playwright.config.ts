import { defineConfig } from '@playwright/test'
import { findChromium } from './test/e2e/find-chromium.ts'

// One after the other: each spec starts engines, hosts and a browser of its own.
export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.spec.ts',
  globalSetup: './test/e2e/build-first.ts',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  workers: 1,
  reporter: 'list',
  use: {
    launchOptions: { executablePath: findChromium(), args: ['--disable-gpu', '--disable-quic'] },
  },
})
