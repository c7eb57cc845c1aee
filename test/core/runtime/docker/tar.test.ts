import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { tar } from '../../../../src/core/runtime/docker/tar.ts';

test('the system tar reads what was written', () => {
  const archive = tar([
    { type: 'directory', path: 'bin/', mode: 0o755 },
    { type: 'file', path: 'bin/program', mode: 0o755, data: Buffer.from('x'.repeat(513)) },
    { type: 'file', path: 'empty', mode: 0o644, data: Buffer.alloc(0) },
    { type: 'link', path: 'bin/sh', target: 'program' },
  ]);
  const { stdout, stderr } = spawnSync('tar', ['--utc', '-tvf', '-'], { input: archive, encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/ +/g, ' ')),
    [
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 bin/',
      '-rwxr-xr-x 0/0 513 1970-01-01 00:00 bin/program',
      '-rw-r--r-- 0/0 0 1970-01-01 00:00 empty',
      'lrwxrwxrwx 0/0 0 1970-01-01 00:00 bin/sh -> program',
    ],
  );
  const content = spawnSync('tar', ['-xOf', '-', 'bin/program'], { input: archive, encoding: 'utf8' });
  assert.equal(content.stdout, 'x'.repeat(513));
});

test('a name that does not fit its field is refused', () => {
  assert.throws(() => tar([{ type: 'directory', path: 'd'.repeat(101), mode: 0o755 }]), /name too long/);
});
