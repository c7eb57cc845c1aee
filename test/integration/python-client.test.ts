/** Debian's Python client against a daemon with a hollow machine; what it does is in python_client.py. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Program } from '../helpers/program.ts';

const program = new Program();
before(() => program.ok('up', '--runtime', 'hollow', '--port', '0', ...program.local));
after(() => program.remove());

test('the typed and the dynamic client create, list, watch, patch, delete and discover', () => {
  // Debian's Python and no other that comes first in PATH: its packages are the ones that are installed.
  const { status, stderr, error } = spawnSync('/usr/bin/python3', ['test/integration/python_client.py'], {
    env: { ...process.env, KUBECONFIG: program.kubeconfig },
    encoding: 'utf8',
  });
  assert.ifError(error);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^Ran 5 tests/m);
});
