import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Endpoints, Pod, Service } from '../../../src/core/api/kinds/index.ts';
import { startControllers } from '../../../src/core/controllers/index.ts';
import { addPod, makeReady } from '../../helpers/cluster-objects.ts';
import { type ControlPlane, withControlPlane } from '../../helpers/control-plane.ts';

const addService = ({ client }: ControlPlane, spec: Service['spec']) =>
  client.create(Service, { metadata: { name: 'web', namespace: 'default' }, spec });
const webPorts = { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] };

/** `ready (not ready)`; undefined when there are no endpoints. */
async function addresses({ client }: ControlPlane): Promise<string | undefined> {
  const { items } = await client.list(Endpoints, 'default');
  const [found] = items;
  if (!found) return undefined;
  const list = (which: 'addresses' | 'notReadyAddresses') =>
    (found.subsets ?? []).flatMap((subset) => (subset[which] ?? []).map(({ ip }) => ip)).join();
  return `${list('addresses')} (${list('notReadyAddresses')})`;
}

async function addBackend(plane: ControlPlane, name: string, ip: string) {
  const created = await addPod(plane, name, {}, { labels: { app: 'web' } });
  await makeReady(plane, created, ip);
  return created;
}

test('endpoints: they follow the pods of the service from its creation to its end', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    const shows = (expected: string | undefined) =>
      plane.clock.runUntil(async () => (await addresses(plane)) === expected, { withinMs: 1_000 });
    await addBackend(plane, 'a', '10.1.0.1');
    await addService(plane, webPorts);
    await shows('10.1.0.1 ()');
    const second = await addBackend(plane, 'b', '10.1.0.2');
    await shows('10.1.0.1,10.1.0.2 ()');

    const { name } = second.metadata;
    const notReady = {
      type: 'Ready',
      status: 'False',
      lastProbeTime: null,
      lastTransitionTime: '2015-05-01T00:00:00Z',
    };
    await plane.client.patch(Pod, 'default', name, { status: { conditions: [notReady] } }, { subresource: 'status' });
    await shows('10.1.0.1 (10.1.0.2)');
    await plane.client.patch(Pod, 'default', name, { metadata: { labels: { app: 'other' } } });
    await shows('10.1.0.1 ()');
    await plane.client.delete(Pod, 'default', 'a', { gracePeriodSeconds: 0 });
    await shows(' ()');
    await plane.client.delete(Service, 'default', 'web');
    await shows(undefined);
  }));

test('endpoints: what somebody else wrote over them is put right', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    await addBackend(plane, 'a', '10.1.0.1');
    await addService(plane, webPorts);
    const right = async () => (await addresses(plane)) === '10.1.0.1 ()';
    await plane.clock.runUntil(right, { withinMs: 1_000 });
    await plane.client.patch(Endpoints, 'default', 'web', { subsets: [] });
    await plane.clock.runUntil(right, { withinMs: 1_000 });
    await plane.client.delete(Endpoints, 'default', 'web');
    await plane.clock.runUntil(right, { withinMs: 1_000 });
  }));

test('endpoints: those made by hand for a service without selector are left alone', () =>
  withControlPlane(async (plane) => {
    const subsets = [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 5432, protocol: 'TCP' as const }] }];
    await plane.client.create(Endpoints, { metadata: { name: 'web', namespace: 'default' }, subsets });
    plane.run(startControllers(plane.deps));
    await plane.clock.advance(60_000);
    await addService(plane, { ports: [{ port: 5432 }] });
    await plane.clock.advance(60_000);
    assert.equal(await addresses(plane), '192.0.2.1 ()');
  }));

test('endpoints: hundreds of pods that become ready cost few writes', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    await addService(plane, webPorts);
    const names = Array.from({ length: 300 }, (_, i) => `p${i}`);
    const pods = await Promise.all(names.map((name) => addPod(plane, name, {}, { labels: { app: 'web' } })));
    await plane.clock.advance(1);
    const before = Number((await plane.client.get(Endpoints, 'default', 'web')).metadata.resourceVersion);
    for (const [i, one] of pods.entries()) {
      await makeReady(plane, one, `10.1.${i >> 8}.${i & 255}`);
      await plane.clock.advance(1);
    }
    await plane.clock.advance(1_000);
    const { metadata, subsets = [] } = await plane.client.get(Endpoints, 'default', 'web');
    assert.equal(subsets[0]?.addresses?.length, 300);
    // The revision counts all writes; what is left after the pods' own are the endpoints'.
    const writes = Number(metadata.resourceVersion) - before - pods.length;
    assert.ok(writes < 100, `${writes} writes`);
  }));
