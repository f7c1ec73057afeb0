// Where a person finds things, by role and name, in one place. Knows pages, not the protocol.

import { expect, type Locator, type Page } from '@playwright/test';

/** The rows of a trace. */
export function timeline(page: Page): Locator {
  return page.getByRole('treegrid', { name: 'Spans' });
}

/** One row of a trace, by what a screen reader says of it. */
export function row(page: Page, name: string | RegExp): Locator {
  return timeline(page).getByRole('row', { name });
}

/** The row that the keys act on. */
export function currentRow(page: Page): Locator {
  return timeline(page).locator('[role=row][aria-selected=true]');
}

/** Opens a trace and waits until the browser has its rows: before that, keys and clicks do nothing. */
export async function openTrace(page: Page, traceId: string, query = ''): Promise<void> {
  await page.goto(`/trace/${traceId}${query}`);
  await expectRowsLoaded(page);
}

export async function expectRowsLoaded(page: Page): Promise<void> {
  await expect(timeline(page)).toHaveAttribute('aria-busy', 'false');
}

/** Opens a page with a live counter and waits until it is connected, so that the page's controls work too. */
export async function openLive(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByText('live', { exact: true })).toBeVisible();
}

/** No part of the page is wider than the screen. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect(content, `width of the content against width of the screen on ${page.url()}`).toBeLessThanOrEqual(screen);
}
