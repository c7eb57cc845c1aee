/** Nodes that come and go: by hand, by name at the start, and with their machines. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { NodeCondition } from '../../src/core/api/types/node.ts';
import { Program } from '../helpers/program.ts';
import { waitFor } from '../helpers/wait.ts';

const program = new Program();
let daemon: ChildProcess;
before(async () => {
  const flags = ['--runtime', 'hollow', '--num-instances', '3', '--port', '0'];
  const nodes = ['--machines', '127.0.0.1', '--node_sync_period', '1s', '--pod-eviction-timeout=0'];
  daemon = spawn(process.execPath, ['bin/kubecfg.js', 'daemon', ...flags, ...nodes, ...program.local], {
    stdio: 'ignore',
  });
  // Until it runs, a verb would begin a cluster of its own in the same directory.
  await waitFor(() => existsSync(join(program.dataDir, 'daemon.json')), { what: 'the daemon', withinMs: 15_000 });
  await waitFor(() => program.ok('get', 'nodes', ...program.local), {
    until: (text) => (text.match(/ Ready /g) ?? []).length === 3,
    withinMs: 15_000,
  });
});
after(async () => {
  daemon.kill('SIGKILL');
  await program.remove();
});

const local = (...args: string[]) => program.ok(...args, ...program.local);
const names = async () => (await local('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}')).split(' ');
const conditions = async (name: string) =>
  JSON.parse(await local('get', 'node', name, '-o', 'jsonpath={.status.conditions}')) as NodeCondition[];

test("the handbook's record is a node that is checked before it is used, and goes when it is deleted", async () => {
  const record =
    '{"id":"10.1.2.3","kind":"Minion","apiVersion":"v1beta1","resources":{"capacity":{"cpu":1000,"memory":1073741824},},"labels":{"name":"my-first-k8s-node",},}';
  const { code, stderr } = await program.run(['create', 'node', '-f', '-', ...program.local], record);
  assert.equal(code, 0, stderr);
  assert.equal(await local('get', 'node', '10.1.2.3', '-o', 'jsonpath={.status.phase}'), 'Pending');
  const reachable = await waitFor(async () => (await conditions('10.1.2.3')).find(({ type }) => type === 'Reachable'), {
    withinMs: 15_000,
  });
  assert.equal(reachable?.status, 'False');
  await local('delete', 'node', '10.1.2.3');
  assert.ok(!(await names()).includes('10.1.2.3'));
});

test('a node of --machines is registered', async () => {
  assert.ok((await names()).includes('127.0.0.1'));
});

test('a destroyed machine takes its node along, its pods run elsewhere, and its number is free again', async () => {
  // Without a service they would be placed at random, and the third machine might get none.
  await local('cordon', 'core-01', 'core-02');
  await local('run', 'web', '--image', 'x', '--replicas', '6');
  const onThird = () => local('get', 'pods', '--field-selector', 'spec.nodeName=core-03', '-o', 'name');
  await waitFor(onThird, { until: (text) => text.trim() !== '' });
  await local('uncordon', 'core-01', 'core-02');
  await local('destroy', 'core-03');
  await waitFor(names, { until: (all) => !all.includes('core-03') });
  await waitFor(() => local('get', 'pods', '-o', 'jsonpath={range .items[*]}{.spec.nodeName}:{.status.phase} {end}'), {
    until: (text) => (text.match(/core-0[12]:Running/g) ?? []).length === 6 && !text.includes('core-03'),
    withinMs: 10_000,
  });
  await local('up', '--num-instances', '3');
  await waitFor(names, { until: (all) => all.includes('core-03') });
});

test('drain moves the pods of a node away, and uncordon opens it again', async () => {
  await local('drain', 'core-01', '--grace-period=0');
  assert.equal(await local('get', 'pods', '--field-selector', 'spec.nodeName=core-01', '-o', 'name'), '');
  assert.match(await local('get', 'node', 'core-01'), /Ready,SchedulingDisabled/);
  assert.equal(await local('uncordon', 'core-01'), 'node/core-01 uncordoned\n');
});
