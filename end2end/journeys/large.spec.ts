// A trace of ten thousand spans: the page holds a screenful, whatever the trace holds.

import { expect, test } from '../server';
import { currentRow, openTrace, row, timeline } from './pages';
import { report, type SpanSketch } from './spans';

const SPANS = 10_000;
/** Two screens of rows and some: far below the number of spans. */
const ROWS_MAX = 150;

function wide(): SpanSketch[] {
  const root: SpanSketch = { name: 'nightly job', service: 'batch', kind: 1, at: 0, lasts: 10_000 };
  const step = (index: number): SpanSketch => ({ name: `step ${index}`, service: 'batch', parent: 0, at: index, lasts: 2 });
  return [root, ...Array.from({ length: SPANS - 1 }, (_, index) => step(index + 1))];
}

test('scrolls to its last row and back while the page keeps few rows', async ({ page, server }) => {
  const trace = await report(server, 'large', wide());
  await openTrace(page, trace.traceId);
  // One more than spans: the head is a row too.
  await expect(timeline(page)).toHaveAttribute('aria-rowcount', String(SPANS + 1));
  const rows = page.locator('[role=treegrid] [role=row]');
  expect(await rows.count()).toBeLessThan(ROWS_MAX);

  await timeline(page).hover();
  await expect(async () => {
    await page.mouse.wheel(0, 1_000_000);
    await expect(row(page, /^step 9999,/)).toBeInViewport({ timeout: 500 });
  }).toPass();
  expect(await rows.count()).toBeLessThan(ROWS_MAX);
  await expect(row(page, /^step 10,/)).toHaveCount(0);

  await timeline(page).focus();
  await page.keyboard.press('Home');
  await expect(currentRow(page)).toHaveAccessibleName(/^nightly job/);
  await expect(row(page, /^nightly job/)).toBeInViewport();
  await page.keyboard.press('End');
  await expect(currentRow(page)).toHaveAccessibleName(/^step 9999,/);
  await expect(currentRow(page)).toBeInViewport();
  expect(await rows.count()).toBeLessThan(ROWS_MAX);
});

test('folding the root leaves one row, unfolding brings all back', async ({ page, server }) => {
  const trace = await report(server, 'large/fold', wide());
  await openTrace(page, trace.traceId);
  await timeline(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  await expect(page.locator('[role=treegrid] [role=row]:visible')).toHaveCount(2);
  await page.keyboard.press('ArrowRight');
  await expect(row(page, /^step 1,/)).toBeVisible();
});
