// The page that says how to send spans: exact addresses, a choice that travels in the link, and the moment the first span arrives.

import { complaintsOf, expect, expectQuiet, Server, test } from '../server';
import { checkout, report } from './spans';

test('the chosen client is in the link, and its settings name the real address', async ({ page, server }) => {
  await page.goto('/send');
  const address = server.addresses.otlpHttp.replace('http://', '').replace('/v1/traces', '');
  await page.getByRole('link', { name: 'Python', exact: true }).click();
  await expect(page).toHaveURL(/in=python/);
  await expect(page.getByText(`OTEL_EXPORTER_OTLP_ENDPOINT=http://${address}`).first()).toBeVisible();
  await page.reload();
  await expect(page.getByRole('link', { name: 'Python', exact: true })).toHaveAttribute('aria-current', 'true');
  await expect(page.getByText('opentelemetry-instrument python app.py')).toBeVisible();
  await page.getByRole('link', { name: 'Zipkin', exact: true }).click();
  await expect(page).toHaveURL(/from=zipkin/);
  await expect(page.getByRole('heading', { name: /py_zipkin/ })).toBeVisible();
});

test('it says that it waits, and turns green with the first span', async ({ browser }) => {
  const empty = await Server.start('send-waits');
  try {
    const page = await browser.newPage();
    const complaints = complaintsOf(page.context());
    await page.goto(`${empty.addresses.http}/send`);
    await expect(page.getByText('Waiting for spans')).toBeVisible();
    await report(empty, 'send/first', checkout());
    await expect(page.getByText('Spans arrive')).toBeVisible();
    await page.getByRole('link', { name: 'See the newest traces' }).click();
    await expect(page.getByRole('link', { name: /POST \/checkout/ }).first()).toBeVisible();
    expectQuiet(complaints);
    await page.close();
  } finally {
    await empty.dispose();
  }
});

test('every page of an empty store says how to send spans', async ({ browser }) => {
  const empty = await Server.start('send-empty');
  try {
    const page = await browser.newPage();
    for (const path of ['/search', '/services']) {
      await page.goto(`${empty.addresses.http}${path}`);
      await expect(page.getByRole('heading', { name: 'Send spans' }), path).toBeVisible();
    }
    await page.close();
  } finally {
    await empty.dispose();
  }
});
