/** /swagger-ui/ in a real browser: it shows the API, asks nobody but its own server, and has nothing to complain of. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Browser } from '../helpers/browser.ts';
import { Program } from '../helpers/program.ts';
import { waitFor } from '../helpers/wait.ts';

test('the page lists every operation, and asks nobody else', async (t) => {
  const program = new Program();
  t.after(async () => {
    await program.run(['destroy', ...program.local]);
    await program.remove();
  });
  await program.ok('up', '--runtime', 'hollow', '--num-instances', '0', '--port', '0', ...program.local);
  const { server } = JSON.parse(readFileSync(join(program.dataDir, 'daemon.json'), 'utf8')) as { server: string };
  const browser = new Browser();
  t.after(() => browser.close());
  const page = await browser.open(`${server}/swagger-ui/`);

  const all = (selector: string, member: string) =>
    page.evaluate(`[...document.querySelectorAll('${selector}')].map((found) => found.dataset.${member})`);
  const there = { until: (seen: string[]) => seen.length > 0, withinMs: 30_000 };
  const tags: string[] = await waitFor(() => all('.opblock-tag', 'tag'), there);
  assert.ok(tags.includes('core_v1'), tags.join());
  await page.evaluate(`document.querySelector('.opblock-tag[data-tag="core_v1"]').click()`);
  // Only those in sight are drawn.
  const shows = (path: string) =>
    waitFor(() => all('.opblock-summary-path', 'path'), { until: (seen) => seen.includes(path), withinMs: 30_000 });
  await shows('/api/v1/configmaps');
  await page.evaluate('window.scrollTo(0, document.body.scrollHeight)');
  await shows('/api/v1/services');

  const foreign = page.requested.filter((url) => !url.startsWith(server) && !url.startsWith('data:'));
  assert.deepEqual(foreign, []);
  assert.deepEqual(page.errors, []);
});
