// axe finds nothing on any page, in either theme, with and without details open.

import AxeBuilder from '@axe-core/playwright';
import { expect, Server, test } from '../server';
import { openLive, openTrace } from './pages';
import { checkout, report } from './spans';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`${colorScheme} theme`, () => {
    test.use({ colorScheme });

    test('axe finds no violation on the pages', async ({ page, server }) => {
      await report(server, `accessibility/${colorScheme}`, checkout());
      for (const path of ['/search', '/services']) {
        await openLive(page, path);
        await expectClean(page, path);
      }
      for (const path of ['/topology', '/live', '/compare', '/send', '/send?from=jaeger&in=javascript']) {
        await page.goto(path);
        await expect(page.getByRole('heading').first()).toBeVisible();
        await expectClean(page, path);
      }
    });

    test('axe finds no violation on a trace, closed and with a span open', async ({ page, server }) => {
      const trace = await report(server, `accessibility/trace/${colorScheme}`, checkout());
      await openTrace(page, trace.traceId);
      await expectClean(page, 'trace');
      await openTrace(page, trace.traceId, `?span=${trace.spanIds[5]}`);
      await expect(page.getByText('app.order.id')).toBeVisible();
      await expectClean(page, 'trace with a span open');
    });

    test('axe finds no violation on an empty store', async ({ browser }) => {
      const empty = await Server.start(`accessible-empty-${colorScheme}`);
      try {
        const context = await browser.newContext({ colorScheme });
        const page = await context.newPage();
        await page.goto(`${empty.addresses.http}/search`);
        await expect(page.getByText('live', { exact: true })).toBeVisible();
        await expectClean(page, 'empty store');
        await context.close();
      } finally {
        await empty.dispose();
      }
    });

    test.describe('a missing trace', () => {
      test.use({ consoleAllowed: [/404/] });
      test('has no violation either', async ({ page }) => {
        await page.goto('/trace/0123456789abcdef0123456789abcdef');
        await expect(page.getByRole('alert')).toBeVisible();
        await expectClean(page, 'missing trace');
      });
    });
  });
}

async function expectClean(page: import('@playwright/test').Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`);
  expect(found, where).toEqual([]);
}
