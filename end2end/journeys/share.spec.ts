// The way of an on-call engineer: find the trace, open the failed span, hand exactly this view to a colleague.

import { complaintsOf, expect, expectQuiet, test } from '../server';
import { currentRow, expectRowsLoaded, openLive, openTrace, row, timeline } from './pages';
import { checkout, report } from './spans';

test('a copied link opens the same span, zoom and folds for a colleague', async ({ page, context, browser, server, baseURL }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const trace = await report(server, 'share', checkout('share-'));
  await openLive(page, '/search?service=share-gateway');
  await page.getByRole('link', { name: /POST \/checkout/ }).first().click();
  await expect(page).toHaveURL(new RegExp(`/trace/${trace.traceId}`));
  await expectRowsLoaded(page);

  // Fold the cart, go to the error, zoom to it.
  await row(page, /^GET \/cart/).click();
  await timeline(page).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(row(page, /^load cart/)).toHaveCount(0);
  await page.keyboard.press('Home');
  await page.keyboard.press('e');
  await page.keyboard.press('z');
  await expect(currentRow(page)).toHaveAccessibleName(/^charge card.*error/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('card company answered 503').first()).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`span=${trace.spanIds[5]}`));
  await expect(page).toHaveURL(/[?&]z=\d+-\d+/);
  await page.getByRole('button', { name: 'Copy link' }).first().click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain(`${baseURL}/trace/${trace.traceId}?`);

  const elsewhere = await browser.newContext();
  const complaints = complaintsOf(elsewhere);
  const colleague = await elsewhere.newPage();
  await colleague.goto(link);
  await expectRowsLoaded(colleague);
  await expect(currentRow(colleague)).toHaveAccessibleName(/^charge card.*error/);
  await expect(colleague.getByText('card company answered 503').first()).toBeVisible();
  await expect(row(colleague, /^GET \/cart/)).toHaveAttribute('aria-expanded', 'false');
  await expect(row(colleague, /^load cart/)).toHaveCount(0);
  expect(new URL(colleague.url()).search).toBe(new URL(link).search);
  expectQuiet(complaints);
  await elsewhere.close();
});

test('where the browser forbids copying, the link is shown selected', async ({ page, server }) => {
  // As on a page that came over plain http from another machine.
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  const trace = await report(server, 'share/forbidden', checkout());
  await openTrace(page, trace.traceId);
  await page.getByRole('button', { name: 'Copy link' }).click();
  const sheet = page.getByRole('dialog', { name: 'Copy it by hand' });
  await expect(sheet).toBeVisible();
  await expect.poll(() => page.evaluate(() => getSelection()?.toString())).toContain(`/trace/${trace.traceId}`);
  await sheet.getByRole('button', { name: 'Close' }).click();
  await expect(sheet).toBeHidden();
});
