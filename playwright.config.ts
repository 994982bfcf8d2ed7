import { defineConfig } from '@playwright/test'
import { findChromium } from './test/e2e/find-chromium.ts'

// Two at a time, for they mostly wait: each spec has engines, hosts and folders of its own, and ports that the system gives.
export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.spec.ts',
  globalSetup: './test/e2e/build-first.ts',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  fullyParallel: true,
  workers: 2,
  reporter: 'list',
  use: {
    launchOptions: { executablePath: findChromium(), args: ['--disable-gpu', '--disable-quic'] },
  },
})
