import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceEnv } from '../../../../src/core/kubelet/config/service-env.ts';
import { service } from '../../../helpers/objects.ts';

const redis = service('redis-master', {
  clusterIP: '10.0.0.11',
  ports: [
    { name: 'client', port: 6379 },
    { name: 'gossip', port: 53, protocol: 'UDP' },
  ],
});
const kubernetes = service('kubernetes', { clusterIP: '10.0.0.1', ports: [{ name: 'https', port: 443 }] });

test('host, ports and what links set, for every port', () => {
  const variables = serviceEnv({ namespace: 'default', links: true, services: [redis] });
  assert.deepEqual(Object.fromEntries(variables), {
    REDIS_MASTER_SERVICE_HOST: '10.0.0.11',
    REDIS_MASTER_SERVICE_PORT: '6379',
    REDIS_MASTER_SERVICE_PORT_CLIENT: '6379',
    REDIS_MASTER_SERVICE_PORT_GOSSIP: '53',
    REDIS_MASTER_PORT: 'tcp://10.0.0.11:6379',
    REDIS_MASTER_PORT_6379_TCP: 'tcp://10.0.0.11:6379',
    REDIS_MASTER_PORT_6379_TCP_PROTO: 'tcp',
    REDIS_MASTER_PORT_6379_TCP_PORT: '6379',
    REDIS_MASTER_PORT_6379_TCP_ADDR: '10.0.0.11',
    REDIS_MASTER_PORT_53_UDP: 'udp://10.0.0.11:53',
    REDIS_MASTER_PORT_53_UDP_PROTO: 'udp',
    REDIS_MASTER_PORT_53_UDP_PORT: '53',
    REDIS_MASTER_PORT_53_UDP_ADDR: '10.0.0.11',
  });
});

test('services of the own namespace, and kubernetes everywhere', () => {
  const foreign = service('db', { clusterIP: '10.0.0.12', ports: [{ port: 1 }] }, { namespace: 'other' });
  const services = [redis, kubernetes, foreign];
  const hosts = (input: { namespace: string; links: boolean }) =>
    [...serviceEnv({ ...input, services }).keys()].filter((name) => name.endsWith('_SERVICE_HOST'));
  assert.deepEqual(hosts({ namespace: 'default', links: true }), [
    'KUBERNETES_SERVICE_HOST',
    'REDIS_MASTER_SERVICE_HOST',
  ]);
  assert.deepEqual(hosts({ namespace: 'other', links: true }), ['DB_SERVICE_HOST', 'KUBERNETES_SERVICE_HOST']);
  assert.deepEqual(hosts({ namespace: 'other', links: false }), ['KUBERNETES_SERVICE_HOST']);
});

test("a service named kubernetes of the pod's own namespace shadows that of default", () => {
  const own = service('kubernetes', { clusterIP: '10.0.0.99', ports: [{ port: 1 }] }, { namespace: 'other' });
  for (const services of [
    [kubernetes, own],
    [own, kubernetes],
  ]) {
    const variables = serviceEnv({ namespace: 'other', links: true, services });
    assert.equal(variables.get('KUBERNETES_SERVICE_HOST'), '10.0.0.99');
  }
});

test('services without a portal address have no variables', () => {
  const headless = service('db', { clusterIP: 'None', ports: [{ port: 1 }] });
  const external = service('ext', { externalName: 'example.org', ports: [{ port: 1 }] });
  assert.equal(serviceEnv({ namespace: 'default', links: true, services: [headless, external] }).size, 0);
});
