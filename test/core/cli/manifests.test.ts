import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Context } from '../../../src/core/cli/context.ts';
import { CliError } from '../../../src/core/cli/errors.ts';
import { namespaceFor, readManifests } from '../../../src/core/cli/manifests.ts';

let dir: string;
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'manifests-'));
});
after(() => rmSync(dir, { recursive: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const context = (stdin = '') =>
  ({
    stdin: (async function* () {
      yield stdin;
    })(),
  }) as unknown as Context;
const read = (...sources: string[]) => readManifests(sources, context());
const names = async (...sources: string[]) => (await read(...sources)).map(({ object }) => object.metadata.name);
const pod = (name: string) => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n`;

test('several documents, lists and empty documents', async () => {
  const list = 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: c}}\n';
  const source = file('many.yaml', `---\n${pod('a')}---\n---\n${pod('b')}---\n${list}---\n`);
  const manifests = await read(source);
  assert.deepEqual(
    manifests.map(({ object, kind }) => [kind.kind, object.metadata.name]),
    [
      ['Pod', 'a'],
      ['Pod', 'b'],
      ['Service', 'c'],
    ],
  );
  assert.equal(manifests[1]!.source, `${source} document 3`);
});

test('a PodList is a list as well', async () => {
  const source = file(
    'list.json',
    '{"kind":"PodList","apiVersion":"v1","items":[{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x"}}]}',
  );
  assert.deepEqual(await names(source), ['x']);
});

test('a directory gives its manifests in order and nothing else', async () => {
  mkdirSync(join(dir, 'all/sub'), { recursive: true });
  file('all/b.yml', pod('b'));
  file('all/a.json', '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}');
  file('all/README.md', 'no manifest');
  file('all/sub/c.yaml', pod('c'));
  assert.deepEqual(await names(join(dir, 'all')), ['a', 'b']);
  mkdirSync(join(dir, 'empty'));
  await assert.rejects(read(join(dir, 'empty')), /no \.json, \.yaml or \.yml files/);
});

test('stdin and URLs', async () => {
  const [fromStdin] = await readManifests(['-'], context(pod('s')));
  assert.equal(fromStdin!.object.metadata.name, 's');

  const server = createServer((req, res) => (req.url === '/pod' ? res.end(pod('u')) : res.writeHead(404).end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  assert.deepEqual(await names(`${base}/pod`), ['u']);
  await assert.rejects(read(`${base}/nosuch`), /nosuch: the server answered 404/);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(read(`${base}/pod`), /cannot read http:\/\/127\.0\.0\.1:\d+\/pod: /);
});

test('YAML 1.1 as kubectl reads it, with times as text and trailing commas in JSON', async () => {
  const yaml = file(
    'types.yaml',
    `${pod('a')}  annotations: {on: yes, mode: 0777, at: 2015-05-01T00:00:00Z, day: 2015-05-01}\n`,
  );
  const [manifest] = await read(yaml);
  assert.deepEqual(manifest!.object.metadata.annotations, {
    true: true,
    mode: 511,
    at: '2015-05-01T00:00:00Z',
    day: '2015-05-01',
  });
  const json = file('trailing.json', '{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n",},}');
  assert.deepEqual(await names(json), ['n']);
});

test('fields know their lines, those of list items too', async () => {
  const source = file('lines.yaml', `${pod('a')}spec:\n  containers:\n  - name: c\n    image: x\n---\n${pod('b')}`);
  const [a, b] = await read(source);
  assert.equal(a!.at('spec.containers[0].image'), `${source}:8 (document 1)`);
  assert.equal(a!.at('spec.containers[0].nosuch'), `${source}:7 (document 1)`);
  assert.equal(b!.at('metadata.name'), `${source}:13 (document 2)`);
  const list = file(
    'list.yaml',
    `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: x\n`,
  );
  const [item] = await read(list);
  assert.equal(item!.at('metadata.name'), `${list}:7`);
  const json = file('lines.json', '{\n "apiVersion": "v1",\n "kind": "Pod",\n "metadata": {\n  "name": "j"\n }\n}\n');
  const [j] = await read(json);
  assert.equal(j!.at('metadata.name'), `${json}:5`);
});

const wrong: [name: string, text: string, message: RegExp][] = [
  ['bad.yaml', 'a: b: c\n', /bad\.yaml:1: not valid YAML: /],
  ['second.yaml', `${pod('a')}---\nkind: Pod\n  x: y\n`, /second\.yaml:\d+ \(document 2\): not valid YAML/],
  ['twice.yaml', `${pod('a')}kind: Pod\n`, /twice\.yaml:5: not valid YAML: Map keys must be unique/],
  ['text.yaml', 'hello\n', /text\.yaml:1: an object must be a map with apiVersion and kind, not the string "hello"/],
  ['list.yaml', '- a\n', /list\.yaml:1: an object must be a map .*, not a list/],
  ['nokind.yaml', 'apiVersion: v1\n', /nokind\.yaml:1: kind is missing, such as "kind: Pod"/],
  ['noversion.yaml', 'kind: Pod\n', /noversion\.yaml:1: apiVersion is missing, such as "apiVersion: v1"/],
  ['number.yaml', 'apiVersion: 1\nkind: Pod\n', /number\.yaml:1: apiVersion: must be a string, not the number 1/],
  [
    'kind.yaml',
    'apiVersion: v1\nkind: Podd\n',
    /kind\.yaml:2: kind: no kind "Podd" in version "v1" \(did you mean "Pod"\?\)/,
  ],
  ['old.yaml', 'apiVersion: v1beta4\nkind: Pod\n', /old\.yaml:1: apiVersion: no Pod in version "v1beta4", use v1/],
  [
    'meta.yaml',
    'apiVersion: v1\nkind: Pod\nmetadata: web\n',
    /meta\.yaml:3: metadata: must be a map with a name, not the string "web"/,
  ],
  ['empty.yaml', '---\n', /no objects in .*empty\.yaml/],
];
for (const [name, text, message] of wrong) {
  test(`${name} is refused: ${message.source}`, async () => {
    await assert.rejects(read(file(name, text)), (error) => error instanceof CliError && message.test(error.message));
  });
}

test('a missing file is named', async () => {
  await assert.rejects(read(join(dir, 'nosuch.yaml')), /nosuch\.yaml: no such file or directory/);
});

test("an object's namespace must agree with --namespace", async () => {
  const [manifest] = await read(file('ns.yaml', `${pod('a')}  namespace: prod\n`));
  assert.equal(namespaceFor(manifest!, { current: 'default' }), 'prod');
  assert.equal(namespaceFor(manifest!, { flag: 'prod', current: 'prod' }), 'prod');
  assert.throws(
    () => namespaceFor(manifest!, { flag: 'dev', current: 'dev' }),
    /ns\.yaml:5: metadata\.namespace is "prod"/,
  );
  const [node] = await read(file('node.yaml', 'apiVersion: v1\nkind: Node\nmetadata: {name: n}\n'));
  assert.equal(namespaceFor(node!, { flag: 'dev', current: 'dev' }), '');
});
