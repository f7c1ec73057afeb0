// A trace by keyboard alone.

import { expect, test } from '../server';
import { currentRow, openTrace, row, timeline } from './pages';
import { checkout, report } from './spans';

test('rows fold and unfold by the arrow keys, and the next level opens as it was', async ({ page, server }) => {
  const trace = await report(server, 'keyboard/fold', checkout());
  await openTrace(page, trace.traceId);
  await timeline(page).focus();
  await page.keyboard.press('Home');
  await expect(currentRow(page)).toHaveAccessibleName(/^POST \/checkout/);
  await page.keyboard.press('ArrowDown');
  await expect(currentRow(page)).toHaveAccessibleName(/^GET \/cart/);
  await page.keyboard.press('ArrowLeft');
  await expect(currentRow(page)).toHaveAttribute('aria-expanded', 'false');
  await expect(row(page, /^load cart/)).toHaveCount(0);
  await expect(row(page, /^SELECT carts/)).toHaveCount(0);
  await page.keyboard.press('ArrowDown');
  await expect(currentRow(page), 'the folded rows are skipped').toHaveAccessibleName(/^POST \/charges/);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowRight');
  await expect(currentRow(page)).toHaveAttribute('aria-expanded', 'true');
  await expect(row(page, /^SELECT carts/)).toBeVisible();
});

test('the first element that Tab reaches skips to the page', async ({ page, server }) => {
  const trace = await report(server, 'keyboard/skip', checkout());
  await openTrace(page, trace.traceId);
  await page.keyboard.press('Tab');
  await expect(page.locator(':focus')).toHaveText('Skip to the page');
});

test('Enter opens the details of the span and Escape closes them', async ({ page, server }) => {
  const trace = await report(server, 'keyboard/panel', checkout());
  await openTrace(page, trace.traceId);
  await timeline(page).focus();
  await page.keyboard.press('End');
  await expect(currentRow(page)).toHaveAccessibleName(/^charge card/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('app.order.id')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText('app.order.id')).toHaveCount(0);
});
