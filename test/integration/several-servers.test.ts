/** Several API servers on one etcd: what must be exact is exact, whichever of them is asked. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ObjectHistory } from '../../src/core/api/history.ts';
import { ConfigMap, Lease, Namespace, Pod, ResourceQuota, Service } from '../../src/core/api/kinds/index.ts';
import { ApiError } from '../../src/core/api/status.ts';
import { type ApiServer, createApiServer } from '../../src/core/apiserver/index.ts';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { seededRandom, systemRandom } from '../../src/core/async/random.ts';
import { Client } from '../../src/core/client/client.ts';
import { withinTerm } from '../../src/core/client/term.ts';
import { openEtcdStore, type Store } from '../../src/core/store/index.ts';
import { startEtcd } from '../helpers/etcd.ts';

const started = startEtcd({ after });
const servers: { store: Store; server: ApiServer }[] = [];
let clients: Client[];

before(async () => {
  const { urls } = await started;
  const common = { clock: realClock, log: silentLog, portalNet: '10.0.0.0/27' };
  // All at once: they make the first namespaces together. The same seed makes them draw the same addresses.
  await Promise.all(
    [1, 2, 3].map(async () => {
      const store = await openEtcdStore({ servers: urls, ...common, random: systemRandom });
      const random = { ...seededRandom(1), uid: () => systemRandom.uid() };
      servers.push({ store, server: await createApiServer({ ...common, store, random }) });
    }),
  );
  clients = servers.map(({ server }) => new Client(server.transport));
});
after(async () => {
  for (const { server, store } of servers) {
    await server.close();
    await store.close();
  }
});

/** Everybody does it at the same time, each through the next server; how it ended for each. */
async function together(count: number, act: (client: Client, i: number) => Promise<unknown>) {
  const outcomes = await Promise.allSettled(
    Array.from({ length: count }, (_, i) => act(clients[i % clients.length]!, i)),
  );
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as ApiError] : []));
  return { done: count - failures.length, failures };
}

const pod = (name: string, namespace = 'default') => ({
  metadata: { name, namespace },
  spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '100m' } } }] },
});

test('a quota is never exceeded, and never short of what it allows', async () => {
  const [client] = clients as [Client];
  await client.create(Namespace, { metadata: { name: 'tight' } });
  const hard = { pods: '17', 'requests.cpu': '1500m' };
  await client.create(ResourceQuota, { metadata: { name: 'q', namespace: 'tight' }, spec: { hard } });

  const { done, failures } = await together(60, (one, i) => one.create(Pod, pod(`p-${i}`, 'tight')));

  assert.equal(done, 15, failures.map(({ message }) => message).join('\n'));
  for (const failure of failures) assert.match(failure.message, /exceeded quota: q/);
  assert.equal((await client.list(Pod, 'tight')).items.length, 15);
});

test('every service has an address and a port of its own, until there are no more', async () => {
  const service = (i: number) => ({
    metadata: { name: `s-${i}`, namespace: 'default' },
    spec: { type: 'NodePort' as const, selector: { a: 'b' }, ports: [{ port: 80 }] },
  });
  const { done, failures } = await together(40, (one, i) => one.create(Service, service(i)));

  // 32 addresses but for the first and the last one.
  assert.equal(done, 30);
  for (const failure of failures) assert.match(failure.message, /range is full/);
  const { items } = await clients[1]!.list(Service, 'default');
  assert.equal(new Set(items.map(({ spec }) => spec.clusterIP)).size, 30);
  assert.equal(new Set(items.map(({ spec }) => spec.ports?.[0]?.nodePort)).size, 30);
  for (const { metadata } of items) await clients[2]!.delete(Service, 'default', metadata.name);
});

test('an address that is asked for goes to one', async () => {
  const { done, failures } = await together(6, (one, i) =>
    one.create(Service, {
      metadata: { name: `same-${i}`, namespace: 'default' },
      spec: { clusterIP: '10.0.0.9', ports: [{ port: 80 }] },
    }),
  );
  assert.equal(done, 1);
  for (const failure of failures) assert.match(failure.message, /provided IP is already allocated/);
});

test('no pod is bound twice', async () => {
  await together(20, (one, i) => one.create(Pod, pod(`b-${i}`)));
  // Each pod by every server to another node, all at once.
  const { done, failures } = await together(60, (one, i) =>
    one.bind(Pod, 'default', `b-${Math.floor(i / 3)}`, `node-${i % 3}`),
  );
  assert.equal(done, 20);
  for (const failure of failures) assert.match(failure.message, /is already assigned to node "node-\d"/);
});

test('one object changed by all at once has every change', async () => {
  await clients[0]!.create(ConfigMap, { metadata: { name: 'shared', namespace: 'default' } });
  const { done } = await together(30, async (one, i) => {
    for (;;) {
      try {
        return await one.patch(ConfigMap, 'default', 'shared', { data: { [`k-${i}`]: 'v' } });
      } catch (error) {
        if ((error as ApiError).reason !== 'Conflict') throw error;
      }
    }
  });
  assert.equal(done, 30);
  const { data = {} } = await clients[2]!.get(ConfigMap, 'default', 'shared');
  assert.equal(Object.keys(data).length, 30);
});

test('a namespace that goes lets nobody in through another server', async () => {
  await clients[0]!.create(Namespace, { metadata: { name: 'going' } });
  await clients[1]!.delete(Namespace, '', 'going');
  const late = clients[2]!.create(ConfigMap, { metadata: { name: 'late', namespace: 'going' } });
  await assert.rejects(late, /is being terminated/);
});

test('writes of a term end with it, and go on while the lease is renewed', async () => {
  const [a, b] = clients as [Client, Client];
  const lease = {
    metadata: { name: 'role', namespace: 'kube-system' },
    spec: { holderIdentity: 'a', leaseTransitions: 1 },
  };
  await a.create(Lease, lease);
  const term = { namespace: 'kube-system', name: 'role', holder: 'a', transitions: 1 };
  const worker = new Client(withinTerm(a.transport, () => term));
  let renewing = true;
  const renewals = (async () => {
    for (let i = 0; renewing; i++)
      await b.patch(Lease, 'kube-system', 'role', { spec: { leaseDurationSeconds: 10 + (i % 2) } });
  })();
  for (let i = 0; i < 50; i++) await worker.create(ConfigMap, { metadata: { name: `w-${i}`, namespace: 'default' } });
  renewing = false;
  await renewals;

  const late = (i: number) => worker.create(ConfigMap, { metadata: { name: `x-${i}`, namespace: 'default' } });
  const [taken, outcomes] = await Promise.all([
    b.patch(Lease, 'kube-system', 'role', { spec: { holderIdentity: 'b', leaseTransitions: 2 } }),
    Promise.allSettled(Array.from({ length: 100 }, (_, i) => late(i))),
  ]);
  for (const outcome of outcomes) {
    // What was written, was written before the lease went over.
    if (outcome.status === 'fulfilled') {
      assert.ok(Number(outcome.value.metadata.resourceVersion) < Number(taken.metadata.resourceVersion));
    } else assert.match(outcome.reason.message, /its term is over for a: b holds the lease/);
  }
  await assert.rejects(late(100), ApiError);
});

test('a watch that goes on at another server misses nothing and tells nothing twice', async () => {
  const { resourceVersion: from = '' } = (await clients[0]!.list(ConfigMap, 'default')).metadata;
  const writes = together(90, (one, i) =>
    one.create(ConfigMap, { metadata: { name: `seen-${i}`, namespace: 'default' } }),
  );
  const seen: string[] = [];
  let resourceVersion = from;
  for (let turn = 0; seen.length < 90; turn++) {
    const signal = AbortSignal.timeout(20_000);
    let left = 20;
    for await (const { object } of clients[turn % 3]!.watch(ConfigMap, 'default', { resourceVersion }, signal)) {
      assert.ok(Number(object.metadata.resourceVersion) > Number(resourceVersion));
      resourceVersion = object.metadata.resourceVersion;
      seen.push(object.metadata.name);
      if (--left === 0 || seen.length === 90) break;
    }
    signal.throwIfAborted();
  }
  assert.equal((await writes).done, 90);
  assert.equal(new Set(seen).size, 90);
});

test('the history of an object is the same everywhere, at once', async () => {
  const [a, , c] = clients as [Client, Client, Client];
  await a.create(ConfigMap, { metadata: { name: 'told', namespace: 'default' } });
  for (let i = 1; i <= 5; i++) {
    await a.patch(ConfigMap, 'default', 'told', { data: { i: `${i}` } });
    const history = (await c.transport.raw('/kubecfg/history?resource=configmaps&name=told')) as ObjectHistory;
    assert.equal(history.changes.length, i + 1);
  }
});
