// The live counter: it moves with what arrives, and comes back by itself after a cut.

import type { WebSocketRoute } from '@playwright/test';
import { expect, test } from '../server';
import { openLive } from './pages';
import { checkout, report } from './spans';

const RATE = /[1-9][\d,]* spans\/s/;

test('the counter moves when spans arrive', async ({ page, server }) => {
  await openLive(page, '/search');
  await expect(async () => {
    await report(server, `live/${test.info().testId}/${Date.now()}`, checkout());
    await expect(page.getByText(RATE)).toBeVisible({ timeout: 1_500 });
  }).toPass();
});

test('a trace shows the counter too, and the newest traces behind it', async ({ page, server }) => {
  const trace = await report(server, 'live/trace', checkout());
  await openLive(page, `/trace/${trace.traceId}`);
  await page.getByText('live', { exact: true }).click();
  await expect(page.getByText('Newest traces')).toBeVisible();
  await expect(page.getByRole('link', { name: /POST \/checkout/ }).first()).toBeVisible();
});

test('after its socket is cut the counter resumes', async ({ page, server }) => {
  const sockets: WebSocketRoute[] = [];
  await page.routeWebSocket('**/live', (socket) => {
    sockets.push(socket);
    socket.connectToServer();
  });
  await openLive(page, '/search');
  expect(sockets).toHaveLength(1);
  await sockets[0].close({ code: 1011, reason: 'cut by the test' });
  await expect.poll(() => sockets.length, 'connects again by itself').toBeGreaterThan(1);
  await expect(page.getByText('live', { exact: true })).toBeVisible();
  await expect(async () => {
    await report(server, `live/cut/${Date.now()}`, checkout());
    await expect(page.getByText(RATE)).toBeVisible({ timeout: 1_500 });
  }).toPass();
});
