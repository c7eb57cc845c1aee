/** Two servers on one store: what each would let in by itself, both together do not. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Namespace, Pod, ResourceQuota, Service } from '../../../src/core/api/kinds/index.ts';
import { silentLog } from '../../../src/core/async/log.ts';
import type { Client } from '../../../src/core/client/client.ts';
import { openEmbeddedStore } from '../../../src/core/store/index.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { type Harness, startServer, withOverrides } from './harness.ts';

let a: Harness;
let b: Harness;
before(async () => {
  const clock = virtualClock();
  const own = await openEmbeddedStore({ clock, log: silentLog });
  // The servers believe that others write here, which is true.
  const store = withOverrides(own, { confirm: async () => own.revision });
  a = await startServer({ store, portalNet: '10.0.0.0/28' });
  b = await startServer({ store, portalNet: '10.0.0.0/28' });
});

/** By both at once, and how many succeeded; the others were refused with these words. */
async function together(count: number, refusal: RegExp, act: (client: Client, i: number) => Promise<unknown>) {
  const outcomes = await Promise.allSettled(Array.from({ length: count }, (_, i) => act((i % 2 ? a : b).client, i)));
  for (const outcome of outcomes) if (outcome.status === 'rejected') assert.match(outcome.reason.message, refusal);
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

test('a quota', async () => {
  await a.client.create(Namespace, { metadata: { name: 'tight' } });
  const quota = { metadata: { name: 'q', namespace: 'tight' }, spec: { hard: { pods: '7' } } };
  await a.client.create(ResourceQuota, quota);
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  const create = (client: Client, i: number) =>
    client.create(Pod, { metadata: { name: `p-${i}`, namespace: 'tight' }, spec });
  assert.equal(await together(20, /exceeded quota/, create), 7);
});

test('addresses and ports of services', async () => {
  const service = (i: number) => ({
    metadata: { name: `s-${i}`, namespace: 'default' },
    spec: { type: 'NodePort' as const, ports: [{ port: 80 }] },
  });
  const create = (client: Client, i: number) => client.create(Service, service(i));
  assert.equal(await together(20, /range is full/, create), 14);
  const { items } = await a.client.list(Service);
  assert.equal(new Set(items.map(({ spec }) => spec.clusterIP)).size, 14);
  assert.equal(new Set(items.map(({ spec }) => spec.ports?.[0]?.nodePort)).size, 14);
});
