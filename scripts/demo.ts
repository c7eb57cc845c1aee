/**
 * The demo: brings up three machines, keeps a replicated service running on them while containers and a machine die,
 * and takes everything down again. Each step says what it does and how long it took; a wrong answer ends it with the reason.
 *   npm run demo             npm run demo -- --keep   leaves the cluster running
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTestImage } from '../test/helpers/images.ts';

const keep = process.argv.includes('--keep');
const folder = mkdtempSync(join(tmpdir(), 'kubecfg-demo-'));
const dataDir = join(folder, 'data');
const name = 'demo';
/** Everything below uses this kubeconfig, never the user's own. */
const env = { ...process.env, KUBECONFIG: join(folder, 'kubeconfig'), NODE_EXTRA_CA_CERTS: '' };
const local = ['--data-dir', dataDir, '--name', name];
/** A resized or broken rc is whole again within this time, or the demo fails. */
const patience = '--timeout=30s';

/** Runs kubecfg as a user would and shows what it prints. */
function kubecfg(...args: string[]): string {
  console.log(`$ kubecfg ${args.join(' ')}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/kubecfg.js', ...args], {
    env,
    encoding: 'utf8',
  });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  if (status !== 0) throw new Error(`kubecfg ${args[0]} ended with exit code ${status}`);
  return stdout;
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`wrong: ${what}`);
}

async function step(what: string, run: () => unknown): Promise<void> {
  console.log(`\n--- ${what}`);
  const started = performance.now();
  await run();
  console.log(`    (${((performance.now() - started) / 1000).toFixed(2)} s)`);
}

const lines = (text: string) => text.split('\n').filter(Boolean);
const readyPods = (n: number) => ['wait', 'rc/web', `--for=jsonpath={.status.readyReplicas}=${n}`, patience];
const podNames = () => lines(kubecfg('get', 'pods', '-l', 'app=web', '-o', 'name'));

function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: 5000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve(text.trim()));
    });
    request.on('timeout', () => request.destroy(new Error(`${url}: no answer within 5 s`)));
    request.on('error', reject);
  });
}

async function demo(): Promise<void> {
  await step('a test image, made here because no registry is needed', ensureTestImage);
  await step('three machines', () => kubecfg('up', '--num-instances', '3', '--port', '0', ...local));
  await step('a replication controller of 3 and a service', () => {
    kubecfg('create', '-f', 'examples/web-rc.yaml', '-f', 'examples/web-service.yaml');
    kubecfg(...readyPods(3));
  });
  await step('what there is', () => {
    check(lines(kubecfg('list-machines')).length === 4, 'list-machines shows three machines');
    for (const kind of ['nodes', 'pods', 'rc', 'services']) kubecfg('get', kind, '-o', 'wide');
  });

  const portal = kubecfg('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}').trim();
  await step(`the service through its portal address ${portal}, from the host`, async () => {
    const pods = new Set(podNames().map((pod) => pod.replace('pod/', '')));
    const answers = new Set<string>();
    for (let i = 0; i < 30; i++) answers.add(await fetchText(`http://${portal}/`));
    console.log(`30 requests answered by ${[...answers].join(', ')}`);
    check(
      [...answers].every((answer) => pods.has(answer)),
      `every answer names a pod of the service: ${[...answers].join(', ')}`,
    );
    check(answers.size > 1, 'more than one pod answers');
  });
  await step('the service from a pod', () => {
    kubecfg('create', '-f', 'examples/client-pod.yaml');
    kubecfg('wait', 'pod/client', '--for=jsonpath={.status.phase}=Succeeded', patience);
    const answer = kubecfg('logs', 'client').trim();
    check(podNames().includes(`pod/${answer}`), `the pod was answered by a pod of the service, not by "${answer}"`);
  });

  await step('resize 3 → 5', () => {
    kubecfg('resize', 'rc', 'web', '--replicas=5');
    kubecfg(...readyPods(5));
    check(podNames().length === 5, 'there are five pods');
  });
  await step('kill a container: its pod starts another', () => {
    const pod = podNames()[0]!;
    const template = 'jsonpath={.status.containerStatuses[0].containerID}';
    const before = kubecfg('get', pod, '-o', template).trim();
    killContainer(before.replace('docker://', ''));
    kubecfg('wait', pod, '--for=jsonpath={.status.containerStatuses[0].restartCount}=1', patience);
    kubecfg('wait', pod, '--for=condition=Ready', patience);
    check(kubecfg('get', pod, '-o', template).trim() !== before, 'the container is a new one');
    kubecfg(...readyPods(5));
  });
  await step('kill a machine: its pods are replaced on the others', () => {
    kubecfg('halt', '--force', 'core-02', ...local);
    kubecfg('wait', 'node/core-02', '--for=condition=Ready=Unknown', patience);
    kubecfg('wait', 'pods', '-l', 'app=web', '--field-selector', 'spec.nodeName=core-02', '--for=delete', patience);
    kubecfg(...readyPods(5));
    kubecfg('get', 'pods', '-o', 'wide');
    check(lines(kubecfg('list-machines')).length === 3, 'list-machines shows the two machines that live');
  });
  await step('the machine comes back', () => {
    kubecfg('up', 'core-02', ...local);
    check(lines(kubecfg('list-machines')).length === 4, 'list-machines shows three machines again');
  });
}

/** As `docker kill` does, without needing that program. */
function killContainer(id: string): void {
  const socket = (process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace('unix://', '');
  execFileSync('curl', ['-sSf', '-X', 'POST', '--unix-socket', socket, `http://docker/containers/${id}/kill`]);
}

async function main(): Promise<number> {
  const started = performance.now();
  let code = 0;
  try {
    await demo();
  } catch (e) {
    console.error(`\ndemo failed: ${(e as Error).message}`);
    code = 1;
  }
  if (keep) {
    console.log(
      `\nThe cluster keeps running. Use it with\n  export KUBECONFIG=${env.KUBECONFIG}\nand remove it with\n  kubecfg destroy ${local.join(' ')}`,
    );
  } else {
    try {
      await step('take everything down', () => kubecfg('destroy', ...local));
    } catch (e) {
      console.error(`\ndemo failed: ${(e as Error).message}`);
      code = 1;
    }
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\ndemo ${code === 0 ? 'done' : 'failed'} after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return code;
}

process.exitCode = await main();
