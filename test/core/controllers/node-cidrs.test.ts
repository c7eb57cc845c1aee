import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { overlaps, parseCidr, subrange } from '../../../src/core/api/cidr.ts';
import { Event, Node } from '../../../src/core/api/kinds/index.ts';
import { startControllers } from '../../../src/core/controllers/index.ts';
import { freePart, planNodeCidr } from '../../../src/core/controllers/node-cidrs.ts';
import { type ControlPlane, laggingTransport, withControlPlane } from '../../helpers/control-plane.ts';
import { stored } from '../../helpers/stored.ts';

const probeNode = async () => ({ ok: false, message: 'nobody is there' });
const run = (plane: ControlPlane, podNet: string) =>
  plane.run(startControllers({ ...plane.deps, podNet, probeNode, nodes: {} }));
const create = ({ client }: ControlPlane, name: string, podCIDR?: string) =>
  client.create(Node, { metadata: { name }, spec: podCIDR ? { podCIDR, podCIDRs: [podCIDR] } : {} });
async function ranges({ client }: ControlPlane): Promise<Record<string, string>> {
  const { items } = await client.list(Node);
  return Object.fromEntries(items.map(({ metadata, spec }) => [metadata.name, spec.podCIDR ?? '']));
}

test('a node that has a range, or is going, is given none', () => {
  const given = (metadata: object, spec: object = {}) =>
    planNodeCidr(stored(Node, { metadata: { name: 'a', ...metadata }, spec })).steps.length;
  assert.equal(given({}), 1);
  assert.equal(given({}, { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'] }), 0);
  assert.equal(given({ deletionTimestamp: '2026-11-25T10:00:00Z' }), 0);
  assert.equal(planNodeCidr(undefined).steps.length, 0);
});

test('a free part overlaps nothing that is taken, and is found whenever there is one', () => {
  const net = parseCidr('10.244.0.0/20')!;
  const range = fc
    .tuple(fc.integer({ min: 20, max: 28 }), fc.nat({ max: 4095 }))
    .map(([prefix, n]) => subrange(net, prefix, n % 2 ** (prefix - 20))!);
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), fc.nat({ max: 40 }), (taken, from) => {
      const isFree = (n: number) => !taken.some((other) => overlaps(other, subrange(net, 24, n)!));
      const n = freePart(net, taken, from);
      const free = Array.from({ length: 15 }, (_, i) => i + 1).filter(isFree);
      return n === undefined ? free.length === 0 : free.includes(n);
    }),
  );
  assert.equal(freePart(parseCidr('10.244.0.0/25')!, [], 1), undefined, 'a net too small for one');
});

test('nodes are given ranges of their own, around those that brought one', () =>
  withControlPlane(async (plane) => {
    await create(plane, 'a', '10.244.2.0/24');
    run(plane, '10.244.0.0/16');
    for (const name of ['b', 'c', 'd']) await create(plane, name);
    await plane.clock.runUntil(async () => Object.values(await ranges(plane)).every(Boolean));
    const given = await ranges(plane);
    assert.deepEqual(new Set(Object.values(given)).size, 4);
    assert.deepEqual([given['a'], given['b']], ['10.244.2.0/24', '10.244.1.0/24']);
    const { spec } = await plane.client.get(Node, '', 'b');
    assert.deepEqual(spec.podCIDRs, [spec.podCIDR]);
  }));

test('no range is given twice, though the cache of nodes lags behind', () =>
  withControlPlane(
    async (plane) => {
      run(plane, '10.244.0.0/21');
      // The loop sees each of them a second after the one before: a and b have no range yet when it knows nothing of c.
      for (const name of ['a', 'b']) await create(plane, name);
      await create(plane, 'c', '10.244.2.0/24');
      await plane.clock.runUntil(async () => Object.values(await ranges(plane)).every(Boolean));
      assert.deepEqual(await ranges(plane), { a: '10.244.1.0/24', b: '10.244.3.0/24', c: '10.244.2.0/24' });
    },
    { through: (transport, clock) => laggingTransport(transport, clock, 'nodes', 1_000) },
  ));

test('a range is free again only when its node is gone; who waits for it says so and gets it', () =>
  withControlPlane(async (plane) => {
    run(plane, '10.244.0.0/22');
    for (const name of ['a', 'b', 'c', 'd']) await create(plane, name);
    await plane.clock.runUntil(async () => {
      const events = (await plane.client.list(Event)).items;
      return events.some(({ reason, type }) => reason === 'CIDRNotAvailable' && type === 'Warning');
    });
    const before = await ranges(plane);
    const without = Object.keys(before).filter((name) => !before[name]);
    assert.equal(without.length, 1);
    const [gone] = Object.keys(before).filter((name) => before[name]) as [string];
    await plane.client.delete(Node, '', gone);
    await plane.clock.runUntil(async () => Boolean((await ranges(plane))[without[0]!]), { withinMs: 10_000 });
    assert.equal((await ranges(plane))[without[0]!], before[gone]);
  }));
