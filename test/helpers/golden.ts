/**
 * Golden files: texts the program makes, kept under test/golden and reviewed as a diff. `npm run golden` rewrites them
 * (KUBECFG_REWRITE_GOLDENS=1).
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const folder = resolve(process.env['KUBECFG_ROOT'] ?? '.', 'test/golden');

/** Compares `actual` with the file of that name; rewrites the file instead when asked to. */
export function assertGolden(name: string, actual: string): void {
  const file = join(folder, name);
  if (process.env['KUBECFG_REWRITE_GOLDENS'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, actual);
    return;
  }
  assert.ok(existsSync(file), `${file} is missing; \`npm run golden\` writes it`);
  assert.equal(actual, readFileSync(file, 'utf8'), `differs from ${file}; \`npm run golden\` rewrites it`);
}
