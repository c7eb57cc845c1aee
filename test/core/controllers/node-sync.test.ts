import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node } from '../../../src/core/api/kinds/index.ts';
import { isNotFound } from '../../../src/core/api/status.ts';
import { type MachineProvider, startControllers } from '../../../src/core/controllers/index.ts';
import { planNodeSync } from '../../../src/core/controllers/node-sync.ts';
import { type ControlPlane, withControlPlane } from '../../helpers/control-plane.ts';
import { stored } from '../../helpers/stored.ts';

const prefix = 'kubecfg://test/';
const node = (name: string, providerID?: string) =>
  stored(Node, { metadata: { name }, spec: providerID ? { providerID } : {} });
const names = async ({ client }: ControlPlane) =>
  (await client.list(Node)).items.map(({ metadata }) => metadata.name).sort();
const probeNode = async () => ({ ok: false, message: 'nobody is there' });

test('node sync plan: creates what is missing, removes what is gone, leaves what is not its own', () => {
  const plan = (...args: Parameters<typeof planNodeSync>) => planNodeSync(...args).steps.map(({ type }) => type);
  const there = { named: false, provider: { prefix, hasMachine: true } };
  const gone = { named: false, provider: { prefix, hasMachine: false } };
  assert.deepEqual(plan('a', undefined, there), ['create']);
  assert.deepEqual(plan('a', node('a', `${prefix}a`), there), []);
  assert.deepEqual(plan('a', node('a', `${prefix}a`), gone), ['remove']);
  assert.deepEqual(plan('a', node('a'), gone), [], 'somebody recorded it by hand');
  assert.deepEqual(plan('a', node('a', 'aws:///i-1'), gone), [], 'another provider has it');
  assert.deepEqual(plan('a', node('a', `${prefix}a`), { named: false }), [], 'nothing is synced');
  assert.deepEqual(plan('a', undefined, { named: true }), ['create']);
  assert.deepEqual(plan('a', undefined, { named: false }), []);
});

test('nodes follow the machines of the provider', () =>
  withControlPlane(async (plane) => {
    const machines = new Set(['core-01', 'core-02']);
    let tell = (_name: string) => {};
    const provider: MachineProvider = {
      prefix,
      machines: () => machines,
      subscribe(changed) {
        tell = changed;
        return () => {};
      },
    };
    await plane.client.create(Node, { metadata: { name: '10.1.2.3' } });
    plane.run(startControllers({ ...plane.deps, nodes: { provider }, probeNode }));
    await plane.clock.runUntil(async () => (await names(plane)).join() === '10.1.2.3,core-01,core-02');
    assert.equal((await plane.client.get(Node, '', 'core-01')).spec.providerID, `${prefix}core-01`);
    assert.equal((await plane.client.get(Node, '', 'core-01')).status.phase, 'Pending');

    machines.delete('core-02');
    tell('core-02');
    await plane.clock.runUntil(async () => (await names(plane)).join() === '10.1.2.3,core-01', { withinMs: 1_000 });

    await plane.client.delete(Node, '', 'core-01');
    await plane.clock.runUntil(async () => (await names(plane)).includes('core-01'), { withinMs: 1_000 });
  }));

test('a machine that left unnoticed loses its node within the sync period', () =>
  withControlPlane(async (plane) => {
    const machines = new Set(['core-01']);
    const provider = { prefix, machines: () => machines, subscribe: () => () => {} };
    plane.run(startControllers({ ...plane.deps, nodes: { provider, syncPeriodMs: 3_000 }, probeNode }));
    await plane.clock.runUntil(async () => (await names(plane)).length === 1);
    machines.clear();
    await plane.clock.runUntil(async () => (await names(plane)).length === 0, { withinMs: 3_500 });
  }));

test('named nodes are registered once; who deletes one has the last word', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers({ ...plane.deps, nodes: { named: ['A', 'b'] }, probeNode }));
    await plane.clock.runUntil(async () => (await names(plane)).join() === 'a,b');
    await plane.client.delete(Node, '', 'a');
    await plane.clock.advance(60_000);
    assert.ok(isNotFound(await plane.client.get(Node, '', 'a').catch((e) => e)));
  }));
