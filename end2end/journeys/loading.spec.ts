// What a page fetches, and when: side by side where scripts run, nothing in vain where they do not.

import { expect, test } from '../server';
import { expectRowsLoaded } from './pages';
import { checkout, report } from './spans';

test('the rows of a trace are on their way before the WebAssembly is there, and are fetched once', async ({ page, server }) => {
  const trace = await report(server, 'loading', checkout());
  const columns: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/columns')) columns.push(request.url());
  });
  const asked = page.waitForRequest('**/columns');
  await page.route('**/*.wasm', async (route) => {
    await asked;
    await route.continue();
  });
  await page.goto(`/trace/${trace.traceId}`);
  await expectRowsLoaded(page);
  expect(columns).toHaveLength(1);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('neither WebAssembly nor columns are fetched', async ({ page, server }) => {
    const trace = await report(server, 'loading/no-script', checkout());
    const addresses: string[] = [];
    page.on('request', (request) => addresses.push(new URL(request.url()).pathname));
    await page.goto(`/trace/${trace.traceId}`);
    expect(addresses).toContain(`/trace/${trace.traceId}`);
    expect(addresses.filter((path) => /\.wasm$|\/columns$/.test(path))).toEqual([]);
  });
});
