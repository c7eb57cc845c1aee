import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { readKubeconfig, removeContext, tlsOf, useContext, writeContext } from '../../../src/core/cli/kubeconfig.ts';

let dir: string;
const path = (name: string) => join(dir, name);
const write = (name: string, text: string) => {
  writeFileSync(path(name), text);
  return path(name);
};
const read = (name: string) => readFileSync(path(name), 'utf8');

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const others = `# work and play
apiVersion: v1
kind: Config
clusters:
  - name: work # do not touch
    cluster:
      server: https://work:6443
      certificate-authority-data: QUJD
contexts:
  - name: work
    context: { cluster: work, user: me, namespace: team }
current-context: work
users:
  - name: me
    user:
      exec: { command: login, args: [ "--now" ] }
extensions:
  - name: mine
    extension: { a: 1 }
`;

test('a context is added to an empty place', () => {
  const kubeconfig = path('sub/config');
  const file = writeContext({ name: 'kubecfg', server: 'http://127.0.0.1:8080', kubeconfig }, {});
  assert.equal(file, kubeconfig);
  const config = readKubeconfig(kubeconfig, {});
  assert.equal(config.currentContext, 'kubecfg');
  const server = 'http://127.0.0.1:8080';
  assert.deepEqual(config.clusters, [{ name: 'kubecfg', server, 'insecure-skip-tls-verify': true }]);
  assert.deepEqual(config.contexts, [{ name: 'kubecfg', cluster: 'kubecfg', user: 'kubecfg' }]);
  assert.equal(statSync(kubeconfig).mode & 0o777, 0o600);
});

test('what else is in the file stays as it is, comments too', () => {
  const kubeconfig = write('config', others);
  writeContext({ name: 'local', server: 'http://127.0.0.1:1', kubeconfig }, {});
  const text = read('config');
  for (const kept of [
    '# work and play',
    '# do not touch',
    'certificate-authority-data: QUJD',
    'command: login',
    'name: mine',
    'namespace: team',
  ]) {
    assert.ok(text.includes(kept), kept);
  }
  assert.equal(readKubeconfig(kubeconfig, {}).currentContext, 'local');

  removeContext({ name: 'local', kubeconfig }, {});
  assert.equal(read('config').replace('current-context: ""', 'current-context: work'), others);
});

test('a file as kubectl writes it keeps its form', () => {
  const before = 'apiVersion: v1\nclusters:\n- cluster:\n    server: http://a\n  name: a\ncontexts: []\nkind: Config\n';
  const kubeconfig = write('config', before);
  writeContext({ name: 'local', server: 'http://b', kubeconfig }, {});
  assert.ok(read('config').startsWith(before.slice(0, before.indexOf('contexts'))));
});

test('writing twice changes the server and nothing else', () => {
  const kubeconfig = path('config');
  writeContext({ name: 'local', server: 'http://127.0.0.1:1', kubeconfig }, {});
  const first = read('config');
  writeContext({ name: 'local', server: 'http://127.0.0.1:2', kubeconfig }, {});
  assert.equal(read('config'), first.replace(':1', ':2'));
});

test('removing what is not there writes nothing', () => {
  const kubeconfig = write('config', others);
  const before = statSync(kubeconfig).mtimeMs;
  removeContext({ name: 'local', kubeconfig }, {});
  assert.equal(statSync(kubeconfig).mtimeMs, before);
  removeContext({ name: 'local', kubeconfig: path('nosuch') }, {});
});

test('a JSON kubeconfig is read, and stays JSON', () => {
  const json = { apiVersion: 'v1', kind: 'Config', clusters: [], contexts: [], users: [], 'current-context': '' };
  const kubeconfig = write('config', JSON.stringify(json));
  writeContext({ name: 'local', server: 'http://127.0.0.1:1', kubeconfig }, {});
  assert.equal(JSON.parse(read('config'))['current-context'], 'local');
});

test('the first file of KUBECONFIG that names a thing wins; missing files are passed over', () => {
  const env = { KUBECONFIG: [path('nosuch'), write('a', others), path('b')].join(':') };
  write('b', 'clusters: [{name: work, cluster: {server: "http://b"}}, {name: b, cluster: {server: "http://b"}}]');
  const config = readKubeconfig(undefined, env);
  assert.deepEqual(
    config.clusters.map(({ name, server }) => [name, server]),
    [
      ['work', 'https://work:6443'],
      ['b', 'http://b'],
    ],
  );
  assert.equal(config.currentContext, 'work');
});

test('a context goes back to the file that holds it, a new one to the first that exists, else the last named', () => {
  write('a', others);
  write('b', 'contexts: [{name: local, context: {cluster: local}}]');
  const env = { KUBECONFIG: [path('nosuch'), path('a'), path('b')].join(':') };
  assert.equal(writeContext({ name: 'local', server: 'http://x' }, env), path('b'));
  assert.equal(writeContext({ name: 'new', server: 'http://x' }, env), path('a'));
  assert.equal(
    writeContext({ name: 'new', server: 'http://x' }, { KUBECONFIG: `${path('c')}:${path('d')}` }),
    path('d'),
  );
});

test('without KUBECONFIG it is ~/.kube/config', () => {
  writeContext({ name: 'local', server: 'http://x' }, { HOME: dir });
  assert.equal(readKubeconfig(undefined, { HOME: dir }).currentContext, 'local');
});

test('use-context names the contexts there are', () => {
  const kubeconfig = write('config', others);
  assert.throws(() => useContext('nosuch', kubeconfig, {}), /no context exists with the name "nosuch"/);
  writeContext({ name: 'local', server: 'http://x', kubeconfig }, {});
  useContext('work', kubeconfig, {});
  assert.equal(readKubeconfig(kubeconfig, {}).currentContext, 'work');
});

test('a damaged file is refused and left alone', () => {
  for (const text of ['clusters: [', '- a\n- b\n', 'clusters:\n  - name: a\n   cluster: {}\n']) {
    const kubeconfig = write('config', text);
    assert.throws(() => writeContext({ name: 'local', server: 'http://x', kubeconfig }, {}), /is not a kubeconfig/);
    assert.equal(read('config'), text);
  }
  assert.deepEqual(readdirSync(dir), ['config']);
});

test('a symbolic link stays one', () => {
  write('real', others);
  symlinkSync(path('real'), path('link'));
  writeContext({ name: 'local', server: 'http://x', kubeconfig: path('link') }, {});
  assert.ok(read('real').includes('local'));
});

test('a file named by --kubeconfig must exist to be read', () => {
  assert.throws(() => readKubeconfig(path('nosuch'), {}), /nosuch: no such file/);
});

test('certificates are written into the file and read back; a file may name others', () => {
  const kubeconfig = join(dir, 'tls');
  const tls = { ca: 'CA', certificate: 'CERT', key: 'KEY' };
  writeContext({ name: 'isolated', server: 'https://172.17.8.101:6443', tls, kubeconfig }, {});
  const { clusters, users } = readKubeconfig(kubeconfig, {});
  assert.deepEqual(tlsOf(clusters[0]!, users[0]), { ...tls, insecure: undefined });

  writeFileSync(join(dir, 'ca.pem'), 'FROM FILE');
  assert.equal(tlsOf({ name: 'x', 'certificate-authority': join(dir, 'ca.pem') }, undefined).ca, 'FROM FILE');
  const missing = { name: 'x', 'certificate-authority': join(dir, 'nosuch.pem') };
  assert.throws(() => tlsOf(missing, undefined), /certificate-authority: there is no file/);
});
