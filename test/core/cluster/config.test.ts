import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClusterConfig, recordForSnapshot } from '../../../src/core/cluster/config.ts';

const machine = {
  name: 'core-01',
  machineID: '0'.repeat(32),
  address: '10.0.0.1',
  podCIDR: '10.244.1.0/24',
  halted: false,
};
const config: ClusterConfig = {
  ...{ format: 1, name: 'test', runtime: 'docker', port: 8080 },
  ...{ portalNet: '10.0.0.0/16', podNet: '10.244.0.0/16', machineNet: '172.17.9.0/24' },
  machines: [machine],
};

test('a snapshot carries the record as it is', () => {
  assert.deepEqual(recordForSnapshot(config), config);
});

test('of several hosts it carries neither the secret that they share nor the host that it was taken on', () => {
  const discovery = `http://10.0.0.1:8087/${'a'.repeat(32)}`;
  const host = { role: 'master' as const, securePort: 6443, discovery, servers: ['https://10.0.0.1:6443'] };
  const carried = recordForSnapshot({ ...config, machineNet: '', host });
  assert.ok(!JSON.stringify(carried).includes('a'.repeat(32)));
  assert.deepEqual(carried, { ...config, machineNet: '172.17.8.0/24', machines: [] });
});
