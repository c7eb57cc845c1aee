/** Services on real Docker: portals from the host and from pods, host ports, and refusal where nothing answers. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ensureTestImage } from '../helpers/images.ts';
import { Program } from '../helpers/program.ts';
import { waitFor } from '../helpers/wait.ts';

const program = new Program();

before(async () => {
  await ensureTestImage();
  await program.ok('up', '--num-instances', '2', '--port', '0', ...program.local);
  await program.ok('create', '-f', 'examples/web-rc.yaml', '-f', 'examples/web-service.yaml');
  await program.ok('wait', 'rc/web', '--for=jsonpath={.status.readyReplicas}=3', '--timeout=30s');
});
after(() => program.remove());

function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: 3000 }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      res.on('end', () => resolve(text.trim()));
    });
    request.on('timeout', () => request.destroy(new Error(`${url} did not answer within 3 s`))).on('error', reject);
  });
}

const portal = () => program.ok('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}');
const podNames = async () =>
  (await program.ok('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.name}')).split(' ').sort();

/** Creates an object from an inline manifest. */
function create(manifest: object) {
  const file = join(program.folder, 'manifest.json');
  writeFileSync(file, JSON.stringify(manifest));
  return program.ok('create', '-f', file);
}

const aPod = (name: string, command: string, container: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { name } },
  spec: {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image: 'kubecfg-test/busybox:1', command: ['sh', '-c', command], ...container }],
  },
});

/** What a pod printed before it ended well. */
async function output(name: string, command: string): Promise<string> {
  await create(aPod(name, command));
  await program.ok('wait', `pod/${name}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=20s');
  return (await program.ok('logs', name)).trim();
}

test('every pod of a service answers at its portal address, from the host', async () => {
  const url = `http://${await portal()}/`;
  const names = await podNames();
  await waitFor(() => fetchText(url), { what: 'a first answer' });
  const answers = new Set<string>();
  for (let i = 0; i < 60 && answers.size < names.length; i++) answers.add(await fetchText(url));
  assert.deepEqual([...answers].sort(), names);
});

test('a pod reaches the service by the environment variables it was given', async () => {
  const answer = await output('by-env', 'timeout 5 wget -q -O - http://$WEB_SERVICE_HOST:$WEB_SERVICE_PORT/');
  assert.ok((await podNames()).includes(answer), answer);
});

test('a pod reaches itself through the portal of its own service', async () => {
  await create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'mirror' },
    spec: { selector: { name: 'hairpin' }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  const ask = 'until timeout 1 wget -q -O - http://$MIRROR_SERVICE_HOST/; do usleep 50000; done';
  const answer = await output('hairpin', `mkdir /www; echo me > /www/index.html; httpd -p 8080 -h /www; ${ask}`);
  assert.equal(answer.split('\n').at(-1), 'me');
});

test('a portal without backends refuses at once', async () => {
  await create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'nobody' },
    spec: { selector: { app: 'nobody' }, ports: [{ port: 80 }] },
  });
  const address = await program.ok('get', 'service', 'nobody', '-o', 'jsonpath={.spec.clusterIP}');
  await waitFor(
    () =>
      fetchText(`http://${address}/`).then(
        () => 'answered',
        (e: Error) => e.message,
      ),
    {
      until: (seen) => /ECONNREFUSED/.test(seen),
      what: 'a refusal',
      withinMs: 10_000,
    },
  );
});

test('a host port is open on the address of the pod machine only', async () => {
  const server = 'mkdir /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www';
  await create(aPod('fixed', server, { ports: [{ containerPort: 8080, hostPort: 18080 }] }));
  await program.ok('wait', 'pod/fixed', '--for=condition=Ready', '--timeout=20s');
  const host = await program.ok('get', 'pod', 'fixed', '-o', 'jsonpath={.status.hostIP}');
  const machines = (await program.ok('get', 'nodes', '-o', 'jsonpath={.items[*].status.addresses[0].address}')).split(
    ' ',
  );
  assert.equal(await waitFor(() => fetchText(`http://${host}:18080/`)), 'fixed');
  for (const other of machines.filter((address) => address !== host)) {
    await assert.rejects(fetchText(`http://${other}:18080/`), /ECONNREFUSED/);
  }
});

test('traffic follows the endpoints when pods come and go', async () => {
  await program.ok('resize', 'rc', 'web', '--replicas=1');
  await waitFor(podNames, { until: (names) => names.length === 1, what: 'one pod', withinMs: 15_000 });
  const [only] = await podNames();
  const url = `http://${await portal()}/`;
  for (let i = 0; i < 20; i++) assert.equal(await fetchText(url), only);
});
