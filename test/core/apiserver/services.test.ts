/** Portal addresses and node ports. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Harness, startServer } from './harness.ts';

const services = '/api/v1/namespaces/default/services';
const service = (name: string, spec: object = {}) => ({ metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });

async function create(h: Harness, name: string, spec: object = {}) {
  return h.post(services, service(name, spec));
}

test('services created at the same time get addresses of their own', async () => {
  const h = await startServer({ portalNet: '10.1.0.0/24' });
  const answers = await Promise.all(Array.from({ length: 254 }, (_, i) => create(h, `s${i}`)));
  const addresses = answers.map(({ body }) => body.spec.clusterIP);

  assert.equal(new Set(addresses).size, 254);
  for (const address of addresses) assert.match(address, /^10\.1\.0\.([1-9]|\d{2}|1\d\d|2[0-4]\d|25[0-4])$/);
  const full = await create(h, 'one-too-many');
  assert.equal(full.code, 500);
  assert.equal(full.body.message, 'Internal error occurred: failed to allocate a serviceIP: range is full');
  await h.delete(`${services}/s7`);
  assert.equal((await create(h, 'in-its-place')).body.spec.clusterIP, addresses[7]);
});

test('an address can be asked for when it is free and in the range', async () => {
  const h = await startServer();
  const { body } = await create(h, 'asked', { clusterIP: '10.0.7.7' });
  assert.equal(body.spec.clusterIP, '10.0.7.7');
  assert.deepEqual(body.spec.clusterIPs, ['10.0.7.7']);

  const refused = async (clusterIP: string, why: string) => {
    const answer = await create(h, 'refused', { clusterIP });
    assert.equal(answer.code, 422);
    assert.equal(
      answer.body.message,
      `Service "refused" is invalid: spec.clusterIPs: Invalid value: ["${clusterIP}"]: failed to allocate IP ${clusterIP}: ${why}`,
    );
  };
  await refused('10.0.7.7', 'provided IP is already allocated');
  const range = 'is not in the valid range. The range of valid IPs is 10.0.0.0/16';
  await refused('10.9.0.1', `the provided IP (10.9.0.1) ${range}`);
  await refused('10.0.0.0', `the provided IP (10.0.0.0) ${range}`);
});

test('of two services that ask for one address at the same time one gets it', async () => {
  const h = await startServer();
  const answers = await Promise.all(['a', 'b'].map((name) => create(h, name, { clusterIP: '10.0.1.1' })));

  assert.deepEqual(answers.map(({ code }) => code).sort(), [201, 422]);
});

test('a failed create gives its address back', async () => {
  const h = await startServer();
  assert.equal((await create(h, 'x', { clusterIP: '10.0.1.1', ports: [{ port: 0 }] })).code, 422);
  assert.equal((await create(h, 'y', { clusterIP: '10.0.1.1' })).code, 201);
});

test('headless and external services get no address', async () => {
  const h = await startServer();
  assert.equal((await create(h, 'headless', { clusterIP: 'None' })).body.spec.clusterIP, 'None');
  const external = await create(h, 'external', { type: 'ExternalName', externalName: 'example.com', ports: [] });
  assert.equal(external.code, 201);
  assert.equal(external.body.spec.clusterIP, undefined);
});

test('putting a service back as it was read writes nothing', async () => {
  const h = await startServer();
  const { body } = await create(h, 'same', { type: 'NodePort' });
  const again = await h.put(`${services}/same`, body);

  assert.equal(again.body.metadata.resourceVersion, body.metadata.resourceVersion);
});

test('an update keeps the address, given or not', async () => {
  const h = await startServer();
  const { body } = await create(h, 'kept');
  const { clusterIP } = body.spec;
  const updated = await h.put(`${services}/kept`, service('kept', { selector: { app: 'web' } }));
  assert.equal(updated.body.spec.clusterIP, clusterIP);

  const changed = await h.merge(`${services}/kept`, { spec: { clusterIP: '10.0.9.9', clusterIPs: ['10.0.9.9'] } });
  assert.equal(changed.code, 422);
  assert.match(changed.body.message, /may not change once set/);
});

test('node ports: a free one, the asked one, or the reason why not', async () => {
  const h = await startServer();
  const { body } = await create(h, 'np', { type: 'NodePort' });
  const { nodePort } = body.spec.ports[0];
  assert.ok(nodePort >= 30_000 && nodePort <= 32_767);

  const asked = await create(h, 'asked', {
    type: 'NodePort',
    ports: [
      { name: 'tcp', port: 53, nodePort: 30_053 },
      { name: 'udp', port: 53, nodePort: 30_053, protocol: 'UDP' },
    ],
  });
  assert.equal(asked.code, 201);
  const refused = async (port: number, why: string) => {
    const answer = await create(h, 'refused', { type: 'NodePort', ports: [{ port: 80, nodePort: port }] });
    assert.equal(answer.code, 422);
    assert.equal(
      answer.body.message,
      `Service "refused" is invalid: spec.ports[0].nodePort: Invalid value: ${port}: ${why}`,
    );
  };
  await refused(30_053, 'provided port is already allocated');
  await refused(80, 'provided port is not in the valid range. The range of valid ports is 30000-32767');
});

test('a restarted server knows what is taken', async () => {
  const first = await startServer();
  await create(first, 'a', { clusterIP: '10.0.1.1' });
  const second = await startServer({ store: first.store });

  assert.equal((await create(second, 'b', { clusterIP: '10.0.1.1' })).code, 422);
});
