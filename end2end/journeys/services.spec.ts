// The services page: a table that can be ordered, and the order is in the address.

import { expect, test } from '../server';
import { openLive } from './pages';
import { report, type SpanSketch } from './spans';

function calls(service: string, count: number, failed: number): SpanSketch[] {
  return Array.from({ length: count }, (_, index) => ({
    name: 'GET /x',
    service,
    kind: 2 as const,
    at: index,
    lasts: 5,
    error: index < failed ? 'failed' : undefined,
  }));
}

test('each column orders the rows, and the address keeps the order', async ({ page, server }) => {
  await report(server, 'services/a', calls('order-apple', 3, 0));
  await report(server, 'services/b', calls('order-berry', 9, 2));
  await report(server, 'services/c', calls('order-cherry', 6, 5));
  await openLive(page, '/services');
  const names = async () => (await page.getByRole('row').allInnerTexts()).join('\n').match(/order-\w+/g);
  await page.getByRole('columnheader', { name: /service/i }).getByRole('link').or(page.getByRole('columnheader', { name: /service/i }).getByRole('button')).first().click();
  await expect.poll(names).toContain('order-apple');
  await page.getByRole('columnheader', { name: /spans/i }).locator('a, button').first().click();
  await expect.poll(names).toEqual(['order-berry', 'order-cherry', 'order-apple']);
  await page.getByRole('columnheader', { name: /error/i }).locator('a, button').first().click();
  await expect.poll(names).toEqual(['order-cherry', 'order-berry', 'order-apple']);
  await page.reload();
  await expect.poll(names, 'the order is in the address').toEqual(['order-cherry', 'order-berry', 'order-apple']);
});
