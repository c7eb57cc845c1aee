import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { installUnit, removeUnit } from '../../../src/core/machines/index.ts';

test('a unit runs the words it was given, whatever systemd would read into them', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'kubecfg-unit-'));
  try {
    const file = installUnit(dir, '100% of core-01', ['/usr/bin/node', '/opt/a b/$x', 'c:\\%h "d"']);
    const text = readFileSync(file, 'utf8');
    assert.match(text, /^Description=100%% of core-01$/m);
    assert.ok(text.includes(String.raw`ExecStart="/usr/bin/node" "/opt/a b/$$x" "c:\\%%h \"d\""`), text);
    // The end of the daemon is not the end of what it started.
    assert.match(text, /^KillMode=process$/m);
    assert.equal(await removeUnit(join(dir, 'elsewhere')), false);
    assert.ok(existsSync(file));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
