// Every kind of value is on the page as it was sent.

import { expect, test } from '../server';
import { openTrace } from './pages';
import { report } from './spans';

test('attributes, events, links, status and resource of a span are shown exactly', async ({ page, server }) => {
  const other = await report(server, 'values/other', [{ name: 'cause', service: 'values' }]);
  const trace = await report(server, 'values', [
    {
      name: 'every value',
      service: 'values',
      lasts: 40,
      error: 'it did not work: ő',
      attributes: {
        'v.text': 'árvíztűrő 🍵 茶碗',
        'v.int': 9007199254740991,
        'v.double': 0.1,
        'v.yes': true,
        'v.no': false,
        'v.list': ['a', 'ő'],
      },
      events: [{ name: 'cache miss', at: 12, attributes: { 'cache.key': 'tea:7' } }],
      links: [{ traceId: other.traceId, spanId: other.spanIds[0] }],
    },
  ]);
  await openTrace(page, trace.traceId, `?span=${trace.spanIds[0]}`);
  for (const text of ['v.text', 'árvíztűrő 🍵 茶碗', '9007199254740991', '0.1', 'true', 'false', 'it did not work: ő']) {
    await expect(page.getByText(text).first(), text).toBeVisible();
  }
  await expect(page.getByText('cache miss').first()).toBeVisible();
  await expect(page.getByText('tea:7').first()).toBeVisible();
  await expect(page.locator(`a[href*="/trace/${other.traceId}"]`).first()).toBeVisible();
});
