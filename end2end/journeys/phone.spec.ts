// A phone: nothing is wider than the screen, and the trace still says what failed.

import { expect, test } from '../server';
import { expectNoSidewaysScroll, openTrace, row } from './pages';
import { checkout, report } from './spans';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

test('no page scrolls sideways at 390 px', async ({ page, server }) => {
  const long = `shop.catalog.${'VeryLongGeneratedName'.repeat(9)}`;
  const trace = await report(server, 'phone', [...checkout('phone-'), { name: long, service: long, parent: 0, lasts: 5 }]);
  for (const path of ['/search', '/services', '/topology']) {
    await page.goto(path);
    await expect(page.getByRole('heading').first()).toBeVisible();
    await expectNoSidewaysScroll(page);
  }
  await openTrace(page, trace.traceId);
  await expectNoSidewaysScroll(page);
  await row(page, /^charge card.*error/).tap();
  await expect(page.getByText('app.order.id')).toBeVisible();
  await expectNoSidewaysScroll(page);
});

test.describe('the page of a wrong address', () => {
  test.use({ consoleAllowed: [/404/] });
  test('says so', async ({ page }) => {
    const answer = await page.goto('/nowhere-at-all');
    expect(answer?.status()).toBe(404);
  });
});
