// How the browser tests run. Which browser and which binary comes from `cargo xtask test`; by hand, see README.md.

import { defineConfig } from '@playwright/test';

const root = typeof process.getuid === 'function' && process.getuid() === 0;

// Chromium's own calls home would fail on a closed network and be counted as faults of the page.
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

export default defineConfig({
  testDir: 'journeys',
  outputDir: 'test-results',
  // A test that passes only the second time has failed.
  retries: 0,
  forbidOnly: true,
  // Each worker starts its own server; more than two starve both on a small machine.
  workers: 2,
  // Guards against hanging, not claims: the longest journey took 9 s.
  timeout: 60_000,
  globalTimeout: 20 * 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json', { outputFile: process.env.TRACEWELL_BROWSER_REPORT ?? 'test-results/report.json' }]],
  use: {
    browserName: 'chromium',
    headless: true,
    locale: 'en-US',
    timezoneId: 'UTC',
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH || undefined,
      args: root ? [...quiet, '--no-sandbox'] : quiet,
    },
  },
});
