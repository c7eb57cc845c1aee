import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Node, Pod, ReplicationController, Service } from '../../src/core/api/kinds/index.ts';
import { startApi, type TestCluster } from '../helpers/cli.ts';

let api: TestCluster;
let dir: string;
before(async () => {
  api = await startApi();
  dir = mkdtempSync(join(tmpdir(), 'create-'));
});
after(async () => {
  await api.close();
  rmSync(dir, { recursive: true });
});

const file = (name: string, text: string) => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const pod = (name: string, more = '') =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers:\n  - name: c\n    image: nginx\n${more}`;

test('objects of a file are created in order, one line each', async () => {
  const path = file(
    'two.yaml',
    `${pod('a')}---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}\n`,
  );
  assert.deepEqual(await api.run(`create -f ${path}`), {
    code: 0,
    stdout: 'pod/a created\nservice/s created\n',
    stderr: '',
  });
});

test('from stdin, into the namespace of -n', async () => {
  const outcome = await api.run('create -n kube-system -f -', { stdin: pod('in-system') });
  assert.equal(outcome.stdout, 'pod/in-system created\n');
  assert.ok(await api.client.get(Pod, 'kube-system', 'in-system'));
});

test("kubecfg's own form: -c FILE create pods", async () => {
  const path = file(
    'old.json',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'old' },
      spec: { containers: [{ name: 'c', image: 'x' }] },
    }),
  );
  assert.deepEqual(await api.run(`-c ${path} create pods`), { code: 0, stdout: 'pod/old created\n', stderr: '' });
});

test('a type before -f must be that of the file', async () => {
  const path = file('pod.yaml', pod('typed'));
  const { code, stderr } = await api.run(`create service -f ${path}`);
  assert.equal(code, 2);
  assert.match(stderr, /pod\.yaml:2: kind: a Pod, but "create service" was asked for/);
  assert.equal((await api.run(`create pod -f ${path}`)).code, 0);
});

test('what can be created is; what cannot is named with file, line and field', async () => {
  const bad = `${pod('good-1')}---\n${pod('Bad_Name')}---\n${pod('x', '    imag: y\n')}---\n${pod('a')}---\n${pod('good-2')}`;
  const path = file('mixed.yaml', bad);
  const { code, stdout, stderr } = await api.run(`create -f ${path}`);
  assert.equal(code, 1);
  assert.equal(stdout, 'pod/good-1 created\npod/good-2 created\n');
  const lines = stderr.split('\n');
  assert.match(
    lines[0]!,
    /^The Pod "Bad_Name" is invalid: .*mixed\.yaml:11 \(document 2\): metadata\.name: Invalid value: "Bad_Name"/,
  );
  assert.match(
    lines[1]!,
    /^Error from server \(BadRequest\): error when creating ".*mixed\.yaml:24 \(document 3\)": .*unknown field "spec\.containers\[0\]\.imag"/,
  );
  assert.match(
    lines[2]!,
    /^Error from server \(AlreadyExists\): error when creating ".*mixed\.yaml document 4": pods "a" already exists/,
  );
  assert.equal(lines[3], 'error: 3 of 5 objects were not created');
});

test('a file that cannot be read stops before anything is created', async () => {
  const good = file('first.yaml', pod('never'));
  const { code, stdout, stderr } = await api.run(`create -f ${good} -f ${file('broken.yaml', 'a: b: c')}`);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /broken\.yaml:1: not valid YAML/);
  await assert.rejects(api.client.get(Pod, 'default', 'never'), /not found/);
});

test('negative replicas, wrong types and missing fields are refused by name', async () => {
  const rc = (spec: string) =>
    `apiVersion: v1\nkind: ReplicationController\nmetadata: {name: r}\nspec:\n  selector: {a: b}\n  ${spec}\n`;
  const rows: [string, RegExp][] = [
    ['replicas: -1', /stdin:6: spec\.replicas: Invalid value: -1: must be greater than or equal to 0/],
    ['replicas: three', /stdin:6": .*spec\.replicas must be .*, not "three"/],
    ['template: {spec: {containers: [{name: c}]}}', /spec\.template\.spec\.containers\[0\]\.image: Required value/],
  ];
  for (const [spec, message] of rows) {
    const { code, stderr } = await api.run('create -f -', { stdin: rc(spec) });
    assert.equal(code, 1);
    assert.match(stderr, message);
  }
});

test('pods and namespaces can be made from words', async () => {
  const made = await api.run('create pod words --image=nginx --port=80 --env A=1 --env B=2 -l app=x -- sleep 60');
  assert.deepEqual(made, { code: 0, stdout: 'pod/words created\n', stderr: '' });
  const { metadata, spec } = await api.client.get(Pod, 'default', 'words');
  assert.deepEqual(metadata.labels, { app: 'x' });
  const [container] = spec.containers;
  assert.deepEqual(container!.args, ['sleep', '60']);
  assert.deepEqual(container!.env, [
    { name: 'A', value: '1' },
    { name: 'B', value: '2' },
  ]);
  assert.equal(container!.ports![0]!.containerPort, 80);
  assert.equal((await api.run('create namespace staging')).stdout, 'namespace/staging created\n');
});

test('--dry-run creates nothing; server checks', async () => {
  assert.equal((await api.run('create pod dry --image=x --dry-run=client')).stdout, 'pod/dry created (dry run)\n');
  assert.equal(
    (await api.run('create pod dry --image=x --dry-run=server')).stdout,
    'pod/dry created (server dry run)\n',
  );
  assert.equal((await api.run('create pod Dry_ --image=x --dry-run=server')).code, 1);
  await assert.rejects(api.client.get(Pod, 'default', 'dry'), /not found/);
  const yaml = await api.run('create pod dry --image=x --dry-run=client -o yaml');
  assert.match(yaml.stdout, /^apiVersion: v1\nkind: Pod\nmetadata:\n {2}labels:\n {4}run: dry\n/);
});

test('run makes a controller, with --restart=Never a pod', async () => {
  assert.equal(
    (await api.run('run front --image=nginx --replicas=2 -p 8080:80')).stdout,
    'replicationcontroller/front created\n',
  );
  const { spec } = await api.client.get(ReplicationController, 'default', 'front');
  assert.deepEqual([spec.replicas, spec.selector], [2, { run: 'front' }]);
  assert.deepEqual(spec.template?.spec?.containers[0]?.ports, [{ containerPort: 80, hostPort: 8080, protocol: 'TCP' }]);
  assert.equal(
    (await api.run('run job --image=x --restart=Never --command -- sh -c true')).stdout,
    'pod/job created\n',
  );
  const job = await api.client.get(Pod, 'default', 'job');
  assert.deepEqual([job.spec.restartPolicy, job.spec.containers[0]!.command], ['Never', ['sh', '-c', 'true']]);
});

test("kubecfg's own run: IMAGE REPLICAS NAME, with -s a service", async () => {
  const { stdout } = await api.run('-p 8080:80 -s 8000 run nginx 3 Old-1');
  assert.equal(stdout, '', 'names are lower case now');
  assert.equal(
    (await api.run('-s 8000 run nginx 3 old-1')).stdout,
    'replicationcontroller/old-1 created\nservice/old-1 created\n',
  );
  const rc = await api.client.get(ReplicationController, 'default', 'old-1');
  assert.deepEqual([rc.spec.replicas, rc.spec.selector], [3, { name: 'old-1' }]);
  const service = await api.client.get(Service, 'default', 'old-1');
  assert.deepEqual([service.spec.selector, service.spec.ports?.[0]?.port], [{ name: 'old-1' }, 8000]);
});

test('update replaces what is there, or the version a manifest names', async () => {
  const rc = (replicas: number, version = '') =>
    `apiVersion: v1\nkind: ReplicationController\nmetadata: {name: upd${version}}\nspec:\n  replicas: ${replicas}\n  selector: {a: b}\n  template:\n    metadata: {labels: {a: b}}\n    spec: {containers: [{name: c, image: x}]}\n`;
  await api.run('create -f -', { stdin: rc(1) });
  assert.deepEqual(await api.run('update -f -', { stdin: rc(2) }), {
    code: 0,
    stdout: 'replicationcontroller/upd updated\n',
    stderr: '',
  });
  assert.equal((await api.client.get(ReplicationController, 'default', 'upd')).spec.replicas, 2);
  const stale = await api.run('update -f -', { stdin: rc(3, ', resourceVersion: "1"') });
  assert.equal(stale.code, 1);
  assert.match(
    stale.stderr,
    /^Error from server \(Conflict\): error when updating "stdin": .*the object has been modified/,
  );
  assert.equal(
    (await api.run(['update', 'rc', 'upd', '--patch={"spec":{"replicas":4}}'])).stdout,
    'replicationcontroller/upd updated\n',
  );
  assert.equal((await api.client.get(ReplicationController, 'default', 'upd')).spec.replicas, 4);
  assert.match(
    (await api.run('update -f -', { stdin: pod('nosuch') })).stderr,
    /\(NotFound\): error when updating "stdin": pods "nosuch" not found/,
  );
  assert.match(
    (await api.run('update rc/other -f -', { stdin: rc(1) })).stderr,
    /this is not replicationcontroller\/other/,
  );
});

const wrong: [line: string, code: number, message: RegExp][] = [
  ['create', 2, /nothing to create: name files with -f, or a pod with --image/],
  ['create pod', 2, /name one pod, or files with -f/],
  ['create pod x', 2, /pod x needs --image/],
  ['create rc x --image=y', 2, /a replicationcontroller cannot be made from words/],
  ['create pod x --image=y --port=a', 2, /--port a: use PORT or HOSTPORT:PORT/],
  ['create pod x --image=y --env=a', 2, /--env a: use KEY=VALUE/],
  ['create -f nosuch.yaml', 1, /^error: nosuch\.yaml: no such file or directory\n$/],
  ['create -f x pod web', 2, /names cannot be given together with -f/],
  ['create -f x --dry-run=maybe', 2, /Expected --dry-run=maybe to be one of: none, client, server/],
  ['run web', 2, /run web needs --image/],
  ['run --image=x', 2, /one name is needed/],
  ['update', 2, /nothing to update/],
  ['update rc x --patch={', 2, /--patch is not JSON/],
];
for (const [line, code, message] of wrong) {
  test(`"kubecfg ${line}" ends with ${code}`, async () => {
    const outcome = await api.run(line);
    assert.equal(outcome.code, code);
    assert.match(outcome.stderr, message);
  });
}

test('objects of the old versions are taken as they stand', async () => {
  const minion =
    '{"id":"10.1.2.3","kind":"Minion","apiVersion":"v1beta1","resources":{"capacity":{"cpu":1000,"memory":1073741824},},"labels":{"name":"my-first-k8s-node",},}';
  const made = await api.run('create -f -', { stdin: minion });
  assert.deepEqual(made, { code: 0, stdout: 'node/10.1.2.3 created\n', stderr: '' });
  const { metadata, status } = await api.client.get(Node, '', '10.1.2.3');
  assert.deepEqual(metadata.labels, { name: 'my-first-k8s-node' });
  assert.deepEqual(status.capacity, { cpu: '1k', memory: '1Gi' });

  const unknown = await api.run('create -f -', { stdin: '{kind: Minion, apiVersion: v1beta9, id: x}' });
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /no kind "Minion" in version "v1beta9"/);
});
