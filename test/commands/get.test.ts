import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Node, Pod } from '../../src/core/api/kinds/index.ts';
import { startApi, type TestCluster } from '../helpers/cli.ts';
import { waitFor } from '../helpers/wait.ts';

let api: TestCluster;
before(async () => {
  api = await startApi();
  await api.client.create(Pod, podOf('web-1', { app: 'web' }));
  await api.client.create(Pod, podOf('web-2', { app: 'web', tier: 'front' }));
  await api.client.create(Pod, podOf('db', { app: 'db' }, 'kube-system'));
  await api.client.create(Node, { metadata: { name: 'core-01' } });
});
after(() => api.close());

function podOf(name: string, labels: Record<string, string>, namespace = 'default') {
  return { metadata: { name, namespace, labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
}
const firstColumn = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/\s+/)[0]);

test('a type is a table of the namespace', async () => {
  const { code, stdout, stderr } = await api.run('get pods');
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^NAME {4}READY {3}STATUS {4}RESTARTS {3}AGE\nweb-1 {3}0\/1 {5}Pending {3}0 {10}\d+s\nweb-2 {3}/,
  );
  assert.equal(stderr, '');
});

test('every name of a type works, in any case', async () => {
  for (const word of ['pods', 'pod', 'po', 'Pods', '/pods', 'POD']) {
    assert.deepEqual(firstColumn((await api.run(`get ${word}`)).stdout), ['NAME', 'web-1', 'web-2'], word);
  }
  assert.deepEqual(firstColumn((await api.run('get minions')).stdout), ['NAME', 'core-01']);
});

test('names, TYPE/NAME and several of them', async () => {
  assert.deepEqual(firstColumn((await api.run('get pods web-2 web-1')).stdout), ['NAME', 'web-2', 'web-1']);
  assert.deepEqual(firstColumn((await api.run('get pod/web-1 node/core-01')).stdout), [
    'NAME',
    'pod/web-1',
    '',
    'NAME',
    'node/core-01',
  ]);
  assert.deepEqual(firstColumn((await api.run('list pods web-1')).stdout), ['NAME', 'web-1']);
});

test('several types are tables one after the other, empty ones left out', async () => {
  const { stdout } = await api.run('get pods,rc,nodes');
  assert.deepEqual(firstColumn(stdout), ['NAME', 'pod/web-1', 'pod/web-2', '', 'NAME', 'node/core-01']);
});

test('all stands for what a user runs', async () => {
  assert.deepEqual(firstColumn((await api.run('get all')).stdout), ['NAME', 'pod/web-1', 'pod/web-2']);
});

test('selectors, namespaces and columns', async () => {
  assert.deepEqual(firstColumn((await api.run('get pods -l app=web,tier')).stdout), ['NAME', 'web-2']);
  assert.deepEqual(firstColumn((await api.run('-l app=web -n default list pods')).stdout), ['NAME', 'web-1', 'web-2']);
  assert.deepEqual(firstColumn((await api.run('get pods --field-selector metadata.name=web-1')).stdout), [
    'NAME',
    'web-1',
  ]);
  assert.deepEqual(firstColumn((await api.run('get pods -n kube-system --no-headers')).stdout), ['db']);
  assert.match(
    (await api.run('get pods -A')).stdout,
    /^NAMESPACE {5}NAME {4}.*\ndefault {7}web-1.*\ndefault {7}web-2.*\nkube-system {3}db /,
  );
  assert.match(
    (await api.run('get pods -L tier --show-labels')).stdout,
    /AGE {3}TIER {4}LABELS\nweb-1 .*s {12}app=web\nweb-2 .* front {3}app=web,tier=front\n/,
  );
  assert.match((await api.run('get pods -o wide')).stdout, /^NAME .*IP +NODE/);
});

test('whole objects', async () => {
  const json = JSON.parse((await api.run('get pods -o json')).stdout);
  assert.deepEqual([json.kind, json.items.length, json.items[0].kind], ['List', 2, 'Pod']);
  const one = JSON.parse((await api.run('-json get pods/web-1')).stdout);
  assert.deepEqual([one.kind, one.metadata.name], ['Pod', 'web-1']);
  assert.match(
    (await api.run('get pod web-1 -o yaml')).stdout,
    /^apiVersion: v1\nkind: Pod\nmetadata:\n {2}creationTimestamp: "/,
  );
  assert.equal((await api.run('get pods,nodes -o name')).stdout, 'pod/web-1\npod/web-2\nnode/core-01\n');
  assert.equal((await api.run(['get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}'])).stdout, 'web-1 web-2');
  assert.equal((await api.run('get pods -o custom-columns=N:.metadata.name')).stdout, 'N\nweb-1\nweb-2\n');
  assert.deepEqual(JSON.parse((await api.run('get rc -o json')).stdout).items, []);
});

test('--sort-by', async () => {
  const { stdout } = await api.run('get pods -A --sort-by=.metadata.namespace -o name');
  assert.equal(stdout, 'pod/web-1\npod/web-2\npod/db\n');
  assert.deepEqual(firstColumn((await api.run('get pods --sort-by .metadata.labels.tier')).stdout), [
    'NAME',
    'web-1',
    'web-2',
  ]);
});

test('nothing found is said on stderr, and is no failure', async () => {
  assert.deepEqual(await api.run('get rc'), {
    code: 0,
    stdout: '',
    stderr: 'No resources found in default namespace.\n',
  });
  assert.deepEqual(await api.run('get rc -A'), { code: 0, stdout: '', stderr: 'No resources found\n' });
});

test('a missing name fails, and hides nothing that was found', async () => {
  const { code, stdout, stderr } = await api.run('get pods web-1 nosuch');
  assert.equal(code, 1);
  assert.deepEqual(firstColumn(stdout), ['NAME', 'web-1']);
  assert.equal(stderr, 'Error from server (NotFound): pods "nosuch" not found\n');
  assert.deepEqual(await api.run('get pod nosuch --ignore-not-found'), { code: 0, stdout: '', stderr: '' });
  assert.deepEqual(await api.run('get pod nosuch -o json'), {
    code: 1,
    stdout: '',
    stderr: 'Error from server (NotFound): pods "nosuch" not found\n',
  });
});

test('--watch prints what is there, then every change, until interrupted', async () => {
  const interrupt = new AbortController();
  let seen = '';
  const running = api.run('get pods -w -l watched', { signal: interrupt.signal, onOutput: (text) => (seen = text) });
  await api.client.create(Pod, podOf('late', { watched: 'yes' }));
  await waitFor(() => seen.includes('late'));
  await api.client.patch(Pod, 'default', 'late', { status: { phase: 'Running' } }, { subresource: 'status' });
  await waitFor(() => seen.includes('Running'));
  const { Interrupted } = await import('../../src/core/cli/errors.ts');
  interrupt.abort(new Interrupted());
  const { code, stderr } = await running;
  await api.client.delete(Pod, 'default', 'late');
  assert.equal(code, 130);
  assert.equal(stderr, '');
  assert.deepEqual(firstColumn(seen), ['NAME', 'late', 'late']);
});

const wrong: [line: string, code: number, message: RegExp][] = [
  [
    'get',
    2,
    /^error: you must name a type of resource, such as 'kubecfg get pods'\nSee 'kubecfg get --help' for usage\.\n$/,
  ],
  [
    'get pdos',
    1,
    /^error: the server doesn't have a resource type "pdos" \(did you mean "pods"\?\)\nThe types are: pods, /,
  ],
  ['get pods/web-1 web-2', 2, /"web-2": when one argument is in TYPE\/NAME form, all must be/],
  ['get pods,rc web-1', 2, /names can follow a single type only/],
  ['get pods web-1 -l app=web', 2, /names cannot be given together with a selector/],
  ['get pods -o xml', 2, /output format "xml" not recognized: use wide\|json/],
  ['get pods -o jsonpath={.a', 2, /error parsing jsonpath \{\.a: no closing "\}"/],
  ['get pods --wide', 2, /unknown flag: --wide/],
  ['get pods -l =', 1, /^Error from server \(BadRequest\): /],
  ['get pods,rc -w', 2, /--watch follows a single type/],
  ['gte pods', 2, /^error: unknown command "gte" \(did you mean "get"\?\)\nSee 'kubecfg --help' for usage\.\n$/],
];
for (const [line, code, message] of wrong) {
  test(`"kubecfg ${line}" ends with ${code}`, async () => {
    const outcome = await api.run(line);
    assert.equal(outcome.code, code);
    assert.equal(outcome.stdout, '');
    assert.match(outcome.stderr, message);
  });
}
