/** A directory for a store that goes when its test ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export function storeDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'kubecfg-store-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
