import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type ClusterConfig, readConfig, writeConfig } from '../../../../src/core/cluster/config.ts';
import { changeConfig } from '../../../../src/core/cluster/isolated/change-config.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'config-'));
  const nets = { portalNet: '10.0.0.0/16', podNet: '10.244.0.0/16', machineNet: '172.17.8.0/24' };
  writeConfig(dir, { format: 1, name: 'test', runtime: 'docker', port: 0, ...nets, machines: [] } as ClusterConfig);
});
afterEach(() => rmSync(dir, { recursive: true }));

const lock = () => join(dir, 'cluster.json.lock');

test('a record is changed as it is now, and free for others afterwards', () => {
  changeConfig(dir, (config) => {
    config.port = 1;
  });
  changeConfig(dir, (config) => {
    config.port += 1;
  });
  assert.equal(readConfig(dir)?.port, 2);
  assert.ok(!existsSync(lock()));
});

test('a change that fails changes nothing, and holds nobody up', () => {
  const fails = () =>
    changeConfig(dir, (config) => {
      config.port = 7;
      throw new Error('no');
    });
  assert.throws(fails, /no/);
  assert.equal(readConfig(dir)?.port, 0);
  assert.ok(!existsSync(lock()));
});

test('whoever was killed in the middle holds nobody up', () => {
  // No process has this number: it is above the kernel's limit.
  writeFileSync(lock(), '99999999');
  changeConfig(dir, (config) => {
    config.port = 3;
  });
  assert.equal(readConfig(dir)?.port, 3);
});
