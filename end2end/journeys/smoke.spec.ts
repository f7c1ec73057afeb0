// The process is up, tells so, and its first page is quiet.

import { expect, test } from '../server';

test('a started server says that it is ready', async ({ request }) => {
  const answer = await request.get('/ready');
  expect(answer.status()).toBe(200);
});

test('the first page has a heading and no console complaint', async ({ page }) => {
  const answer = await page.goto('/');
  expect(answer?.status()).toBe(200);
  await expect(page.getByRole('heading').first()).toBeVisible();
});
