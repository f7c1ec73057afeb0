// Markup and scripts in every text that a client can send: shown as text, never run.

import { expect, test } from '../server';
import { openLive, openTrace, row } from './pages';
import { report } from './spans';

const PAYLOADS = [
  `<img src=x onerror="window.ran='img'">`,
  `<script>window.ran='script'</script>`,
  `"><svg onload="window.ran='svg'">`,
  `javascript:window.ran='link'`,
  `{{constructor.constructor('window.ran=1')()}}`,
  `</title></script><script>window.ran='title'</script>`,
  `' onmouseover='window.ran=1' x='`,
  `\u202e\u0000\u001b[31mred <b>bold</b>`,
];

test('no payload runs, on any page', async ({ page, server }) => {
  page.on('dialog', (dialog) => {
    throw new Error(`a dialog opened: ${dialog.message()}`);
  });
  for (const [index, payload] of PAYLOADS.entries()) {
    const trace = await report(server, `hostile/${index}`, [
      {
        name: payload,
        service: `hostile ${payload}`,
        kind: 2,
        lasts: 30,
        error: payload,
        attributes: { [payload]: payload, 'url.full': payload, nested: [payload] },
        events: [{ name: payload, at: 5, attributes: { 'exception.stacktrace': payload, [payload]: payload } }],
      },
    ]);
    await openTrace(page, trace.traceId, `?span=${trace.spanIds[0]}`);
    await expect(row(page, /./).last()).toBeVisible();
    await expect(page.getByText('url.full')).toBeVisible();
    expect(await page.locator('a[href^="javascript:" i]').count(), payload).toBe(0);
    expect(await ran(page), payload).toBeUndefined();
  }
  for (const path of ['/search', '/services']) {
    await openLive(page, path);
    await expect(page.getByText(/hostile /).first()).toBeVisible();
    expect(await ran(page), path).toBeUndefined();
  }
});

function ran(page: import('@playwright/test').Page): Promise<unknown> {
  return page.evaluate(() => (window as { ran?: unknown }).ran);
}
