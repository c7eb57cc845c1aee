import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Node } from '../../../src/core/api/kinds/index.ts';
import { startControllers } from '../../../src/core/controllers/index.ts';
import { probeKubelet } from '../../../src/core/controllers/node-probe.ts';
import { addNode, heartbeat } from '../../helpers/cluster-objects.ts';
import { type ControlPlane, withControlPlane } from '../../helpers/control-plane.ts';
import { stored } from '../../helpers/stored.ts';

const reachable = async ({ client }: ControlPlane, name: string) =>
  (await client.get(Node, '', name)).status.conditions?.find(({ type }) => type === 'Reachable');

test('a recorded node is checked until it is found, and says why it was not', () =>
  withControlPlane(async (plane) => {
    let answer = { ok: false, message: 'http://10.1.2.3:10250/healthz: connect ECONNREFUSED' };
    let asked = 0;
    const probeNode = async () => {
      asked++;
      return answer;
    };
    await plane.client.create(Node, { metadata: { name: '10.1.2.3' } });
    plane.run(startControllers({ ...plane.deps, probeNode }));
    await plane.clock.runUntil(async () => (await reachable(plane, '10.1.2.3'))?.status === 'False');
    assert.equal((await reachable(plane, '10.1.2.3'))?.message, answer.message);
    assert.equal((await plane.client.get(Node, '', '10.1.2.3')).status.phase, 'Pending');

    const { resourceVersion } = (await plane.client.get(Node, '', '10.1.2.3')).metadata;
    const before = asked;
    await plane.clock.advance(25_000);
    assert.ok(asked > before, 'it is asked again');
    assert.equal((await plane.client.get(Node, '', '10.1.2.3')).metadata.resourceVersion, resourceVersion);

    answer = { ok: true, message: 'http://10.1.2.3:10250/healthz answers ok' };
    await plane.clock.runUntil(async () => (await reachable(plane, '10.1.2.3'))?.status === 'True');
  }));

test('a node whose kubelet reports is not asked', () =>
  withControlPlane(async (plane) => {
    const asked: string[] = [];
    const probeNode = async ({ metadata }: { metadata: { name: string } }) => {
      asked.push(metadata.name);
      return { ok: true, message: '' };
    };
    await addNode(plane, 'core-01');
    const health = { monitorGraceMs: 4_000 };
    plane.run(startControllers({ ...plane.deps, health, probeNode }));
    for (let i = 0; i < 5; i++) {
      await plane.clock.advance(3_000);
      await heartbeat(plane, 'core-01');
    }
    assert.deepEqual(asked, []);
    await plane.clock.runUntil(async () => asked.length > 0, { withinMs: 20_000 });
  }));

test('a kubelet that is well answers ok at /healthz; everything else is said as it was', async () => {
  let [code, body] = [200, 'ok'];
  const server = createServer((_request, response) => response.writeHead(code).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: Port } = server.address() as AddressInfo;
  const node = stored(Node, {
    metadata: { name: 'n' },
    status: {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port } },
    },
  });
  try {
    const url = `http://127.0.0.1:${Port}/healthz`;
    assert.deepEqual(await probeKubelet(node), { ok: true, message: `${url} answers ok` });
    [code, body] = [404, 'x'.repeat(100_000)];
    assert.deepEqual(await probeKubelet(node), { ok: false, message: `${url} answers 404, not a kubelet's ok` });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  const refused = await probeKubelet(node);
  assert.equal(refused.ok, false);
  assert.match(refused.message, /ECONNREFUSED/);
});
