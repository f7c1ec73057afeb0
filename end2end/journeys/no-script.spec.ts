// Links work without JavaScript: in a preview, in a text browser, before the bundle has loaded.

import { expect, test } from '../server';
import { timeline } from './pages';
import { checkout, report } from './spans';

test.use({ javaScriptEnabled: false });

test('a trace link shows its header, its first rows, a title and a description', async ({ page, server }) => {
  const trace = await report(server, 'no-script/trace', checkout());
  const answer = await page.goto(`/trace/${trace.traceId}`);
  expect(answer?.status()).toBe(200);
  await expect(page).toHaveTitle(/POST \/checkout.*Tracewell/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('POST /checkout');
  for (const sketch of checkout()) await expect(timeline(page).getByText(sketch.name, { exact: true })).toBeVisible();
  for (const name of ['meta[name="description"]', 'meta[property="og:description"]']) {
    await expect(page.locator(name)).toHaveAttribute('content', /6 spans/);
  }
  await expect(page.locator('meta[property="og:title"]')).toHaveAttribute('content', /POST \/checkout/);
});

test('a link to a span shows its details', async ({ page, server }) => {
  const trace = await report(server, 'no-script/span', checkout());
  await page.goto(`/trace/${trace.traceId}?span=${trace.spanIds[5]}`);
  const details = page.getByRole('complementary', { name: 'Span' });
  await expect(details.getByRole('heading', { name: 'charge card' })).toBeVisible();
  for (const text of ['app.order.id', 'o-4711', 'card company answered 503', 'paybridge answered 503']) {
    await expect(details.getByText(text, { exact: true })).toBeVisible();
  }
});

test('the search lists traces and each leads to its page', async ({ page, server }) => {
  const trace = await report(server, 'no-script/search', checkout('noscript-'));
  await page.goto('/search?service=noscript-gateway');
  const link = page.getByRole('link', { name: /POST \/checkout/ });
  await expect(link).toHaveCount(1);
  await link.click();
  await expect(page).toHaveURL(new RegExp(`/trace/${trace.traceId}`));
  await expect(timeline(page).getByText('charge card')).toBeVisible();
});

test('the services page lists services', async ({ page, server }) => {
  await report(server, 'no-script/services', checkout('plain-'));
  await page.goto('/services');
  await expect(page.getByRole('row', { name: /plain-payment/ })).toBeVisible();
});
