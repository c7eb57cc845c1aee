/** Through the API server to real pods, services and kubelets. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ensureTestImage } from '../helpers/images.ts';
import { Program } from '../helpers/program.ts';

const program = new Program();
let server: string;

const page = '<a href="/next.html">next</a>';
const serve = `mkdir /www; echo '${page}' > /www/index.html; hostname > /www/next.html; exec httpd -f -p 8080 -h /www`;
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'site', labels: { app: 'site' } },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'main',
        image: 'kubecfg-test/busybox:1',
        command: ['sh', '-c', serve],
        ports: [{ name: 'http', containerPort: 8080 }],
      },
    ],
  },
};
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'site' },
  spec: { selector: { app: 'site' }, ports: [{ name: 'web', port: 80, targetPort: 'http' }] },
};

before(async () => {
  await ensureTestImage();
  await program.ok('up', '--num-instances', '1', '--port', '0', ...program.local);
  server = (await program.json<{ server: string }>('status', ...program.local)).server;
  for (const manifest of [pod, service]) {
    const file = join(program.folder, 'manifest.json');
    writeFileSync(file, JSON.stringify(manifest));
    await program.ok('create', '-f', file);
  }
  await program.ok('wait', 'pod/site', '--for=condition=Ready', '--timeout=20s');
  await program.ok(
    'wait',
    'endpoints/site',
    '--for=jsonpath={.subsets[0].addresses[0].targetRef.name}=site',
    '--timeout=10s',
  );
});
after(() => program.remove());

async function fetchText(path: string): Promise<{ code: number; headers: IncomingMessage['headers']; text: string }> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(server + path, { agent: false, timeout: 5000 }, resolve).on('error', reject);
  });
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  return { code: answer.statusCode ?? 0, headers: answer.headers, text: text.trim() };
}

test('a page of a pod, by pod and by service, in the paths of today and of 2014', async () => {
  const inNamespace = '/api/v1/namespaces/default';
  const paths = [
    `${inNamespace}/pods/site/proxy`,
    `${inNamespace}/pods/site:8080/proxy`,
    `${inNamespace}/services/site:web/proxy`,
    `${inNamespace}/services/http:site:80/proxy`,
    '/api/v1beta1/proxy/pods/site',
    '/api/v1beta3/proxy/namespaces/default/services/site:web',
  ];
  for (const path of paths) {
    const { code, text } = await fetchText(`${path}/`);
    assert.deepEqual([code, text], [200, page.replace('/next', `${path}/next`)], path);
    assert.equal((await fetchText(`${path}/next.html`)).text, 'site');
    assert.equal((await fetchText(`${path}/none`)).code, 404);
  }
});

test('redirects name the pod itself', async () => {
  const { code, headers } = await fetchText('/api/v1beta1/redirect/services/site:web');
  const ip = await program.ok('get', 'pod', 'site', '-o', 'jsonpath={.status.podIP}');
  assert.deepEqual([code, headers.location], [307, `http://${ip}:8080`]);
});

test('the kubelet of a node', async () => {
  assert.equal((await fetchText('/api/v1/nodes/core-01/proxy/healthz')).text, 'ok');
  const pods = JSON.parse((await fetchText('/api/v1beta1/proxy/minions/core-01/pods')).text);
  assert.equal(pods.items[0].metadata.name, 'site');
  assert.match((await fetchText('/api/v1/nodes/core-01/proxy/logs/daemon.log')).text, /core-01/);
});
