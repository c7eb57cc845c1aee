import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pauseProgram } from '../../../../src/core/runtime/docker/pause.ts';
import { waitFor } from '../../../helpers/wait.ts';

const dir = mkdtempSync(join(tmpdir(), 'kubecfg-pause-'));
after(() => rmSync(dir, { recursive: true }));

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`the pause program sleeps until ${signal}, whatever its children do, and ends with 0`, async () => {
    const program = join(dir, `pause-${signal}`);
    writeFileSync(program, pauseProgram(process.arch === 'x64' ? 'amd64' : 'arm64'), { mode: 0o755 });
    const child = spawn(program);
    const exited = once(child, 'exit');
    try {
      await once(child, 'spawn');
      // Nothing but waiting for a signal lets it sleep.
      const status = () => readFileSync(`/proc/${child.pid}/status`, 'utf8');
      await waitFor(() => /State:\s+S/.test(status()));
      child.kill('SIGCHLD');
      await waitFor(() => /State:\s+S/.test(status()) && /ShdPnd:\s+0+\n/.test(status()));
      assert.equal(child.exitCode, null);
      child.kill(signal);
      assert.deepEqual(await exited, [0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });
}

test('both programs are a few hundred bytes', () => {
  assert.equal(pauseProgram('amd64').length, 197);
  assert.equal(pauseProgram('arm64').length, 240);
});

test('the arm64 code is the one that was run and traced under qemu-aarch64', () => {
  const code = pauseProgram('arm64').subarray(120);
  const words = Array.from({ length: code.length / 4 }, (_, i) => code.readUInt32LE(4 * i).toString(16));
  assert.equal(
    words.join(' '),
    'd2880049 f2a00029 f81f0fe9 d2800000 910003e1 d2800002 d2800103 d28010e8 d4000001 ' +
      '910003e0 d2800001 d2800002 d2800103 d2801128 d4000001 7100441f 540000a0 37ffff00 ' +
      'd2800000 d2800ba8 d4000001 92800000 d2800001 d2800022 d2800003 d2802088 d4000001 7100001f 54ffff2c 17ffffec',
  );
});
