// What a page says when there is nothing to show: each face names the next step.

import { complaintsOf, expect, expectQuiet, Server, test } from '../server';
import { openLive, timeline } from './pages';
import { checkout, report } from './spans';

test('an empty store tells how to send the first span, and shows the first trace by itself', async ({ browser }) => {
  const empty = await Server.start('empty-store');
  try {
    const page = await browser.newPage();
    const complaints = complaintsOf(page.context());
    await page.goto(`${empty.addresses.http}/`);
    await expect(page.getByText('OTEL_EXPORTER_OTLP_ENDPOINT').first()).toBeVisible();
    await expect(page.getByText(empty.addresses.otlpHttp.split(':').pop() ?? '').first(), 'names the real port').toBeVisible();
    await expect(page.getByText('live', { exact: true })).toBeVisible();
    await report(empty, 'faces/first', checkout());
    await expect(page.getByRole('link', { name: /POST \/checkout/ }).first()).toBeVisible();
    expectQuiet(complaints);
    await page.close();
  } finally {
    await empty.dispose();
  }
});

test.describe('a trace that is not there', () => {
  test.use({ consoleAllowed: [/404/] });

  test('is 404 and says what to do', async ({ page }) => {
    const answer = await page.goto('/trace/0123456789abcdef0123456789abcdef');
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole('heading', { name: /no trace with this id/i })).toBeVisible();
    await expect(page.getByRole('main').getByRole('link', { name: 'Search' })).toBeVisible();
  });

  test('with an id that is none says that', async ({ page }) => {
    const answer = await page.goto('/trace/not-hex');
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole('heading', { name: /not a trace id/i })).toBeVisible();
  });

  test('an address that leads nowhere says so', async ({ page }) => {
    const answer = await page.goto('/nowhere');
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole('heading', { name: /no page at this address/i })).toBeVisible();
  });
});

test('a server that is gone: the page keeps its frame, says what failed, and works again when the server is back', async ({ browser }) => {
  const server = await Server.start('gone');
  try {
    const trace = await report(server, 'faces/gone', checkout('gone-'));
    const page = await browser.newPage();
    await page.goto(`${server.addresses.http}/search?service=gone-gateway`);
    await expect(page.getByText('live', { exact: true })).toBeVisible();
    await server.kill();
    await page.getByRole('link', { name: /POST \/checkout/ }).first().click();
    await expect(page.getByRole('alert')).toBeVisible();
    await expect(page).toHaveURL(new RegExp(trace.traceId));
    await server.restart();
    await page.getByRole('button', { name: /try again|retry/i }).click();
    await expect(timeline(page).getByText('charge card')).toBeVisible();
    await page.close();
  } finally {
    await server.dispose();
  }
});

test('a search without a match says so and offers a next step', async ({ page, server }) => {
  await report(server, 'faces/no-match', checkout());
  await openLive(page, '/search?service=nobody-has-this-name');
  await expect(page.getByText(/no trace/i).first()).toBeVisible();
});
