import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, Secret } from '../../../../src/core/api/kinds/index.ts';
import type { Container } from '../../../../src/core/api/types/container.ts';
import { environment } from '../../../../src/core/kubelet/config/env.ts';
import { withControlPlane } from '../../../helpers/control-plane.ts';
import { container, pod, service } from '../../../helpers/objects.ts';

const place = { hostIP: '172.17.8.101', podIP: '10.244.1.2', capacity: { cpuMillis: 2500, memoryBytes: 2 ** 30 } };

async function envOf(parts: Partial<Container>): Promise<Record<string, string>> {
  let env: Record<string, string> = {};
  await withControlPlane(async ({ client }) => {
    const stringData = { user: 'admin', PASSWORD: 'x' };
    await client.create(Secret, { metadata: { name: 'login', namespace: 'default' }, stringData });
    await client.create(ConfigMap, { metadata: { name: 'settings', namespace: 'default' }, data: { MODE: 'demo' } });
    const variables = await environment({
      pod: pod('web', { metadata: { labels: { tier: 'front' } }, spec: { nodeName: 'core-01' } }),
      container: container(parts),
      place,
      hostname: 'web',
      client,
      services: [service('db', { clusterIP: '10.0.0.5', ports: [{ port: 5432 }] })],
    });
    env = Object.fromEntries([...variables].filter(([name]) => !name.startsWith('DB_PORT')));
  });
  return env;
}
const services = { DB_SERVICE_HOST: '10.0.0.5', DB_SERVICE_PORT: '5432' };
const fromField = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
const fromResource = (name: string, resource: string, divisor?: string) => ({
  name,
  valueFrom: { resourceFieldRef: { resource, ...(divisor && { divisor }) } },
});

test('services, then envFrom, then env, each able to use and to replace what came before', async () => {
  const env = await envOf({
    envFrom: [{ prefix: 'LOGIN_', secretRef: { name: 'login' } }],
    env: [
      { name: 'URL', value: 'pg://$(LOGIN_user)@$(DB_SERVICE_HOST)' },
      { name: 'DB_SERVICE_PORT', value: '1' },
      { name: 'EMPTY' },
    ],
  });
  assert.deepEqual(env, {
    ...services,
    DB_SERVICE_PORT: '1',
    HOSTNAME: 'web',
    LOGIN_user: 'admin',
    LOGIN_PASSWORD: 'x',
    URL: 'pg://admin@10.0.0.5',
    EMPTY: '',
  });
});

test('config maps, whole and by key', async () => {
  const ref = { name: 'settings', key: 'MODE' };
  const { APP_MODE, FIRST, NONE } = await envOf({
    envFrom: [{ prefix: 'APP_', configMapRef: { name: 'settings' } }],
    env: [
      { name: 'FIRST', valueFrom: { configMapKeyRef: ref } },
      { name: 'NONE', valueFrom: { configMapKeyRef: { ...ref, key: 'none', optional: true } } },
    ],
  });
  assert.deepEqual([APP_MODE, FIRST, NONE], ['demo', 'demo', undefined]);
  const missing = [{ name: 'X', valueFrom: { configMapKeyRef: { ...ref, key: 'none' } } }];
  await assert.rejects(envOf({ env: missing }), /couldn't find key none in ConfigMap default\/settings/);
  await assert.rejects(envOf({ envFrom: [{ configMapRef: { name: 'none' } }] }), /configmap "none" not found/);
});

test('fields of the pod', async () => {
  const { POD, IP, NODE, TIER, NONE } = await envOf({
    env: [
      fromField('POD', 'metadata.name'),
      fromField('IP', 'status.podIP'),
      fromField('NODE', 'spec.nodeName'),
      fromField('TIER', "metadata.labels['tier']"),
      fromField('NONE', "metadata.annotations['none']"),
    ],
  });
  assert.deepEqual([POD, IP, NODE, TIER, NONE], ['web', '10.244.1.2', 'core-01', 'front', '']);
});

test("resources in units of the divisor, rounded up; without a limit the node's", async () => {
  const { CPU, MEMORY, ALL, REQUEST } = await envOf({
    resources: { limits: { memory: '100Mi' }, requests: { cpu: '1500m' } },
    env: [
      fromResource('CPU', 'limits.cpu'),
      fromResource('MEMORY', 'limits.memory', '1Mi'),
      fromResource('ALL', 'limits.cpu', '1m'),
      fromResource('REQUEST', 'requests.cpu'),
    ],
  });
  assert.deepEqual([CPU, MEMORY, ALL, REQUEST], ['3', '100', '2500', '2']);
});

test('what is not there is named, unless it is optional', async () => {
  const key = (name: string, optional: boolean) => ({
    env: [{ name: 'X', valueFrom: { secretKeyRef: { name, key: 'none', optional } } }],
  });
  await assert.rejects(envOf(key('none', false)), /^ConfigError: secret "none" not found$/);
  await assert.rejects(envOf(key('login', false)), /^ConfigError: couldn't find key none in Secret default\/login$/);
  assert.equal((await envOf(key('none', true)))['X'], undefined);
  assert.equal((await envOf(key('login', true)))['X'], undefined);
  await assert.rejects(envOf({ env: [fromField('X', 'spec.replicas')] }), /fieldRef spec.replicas: this is none of/);
});
