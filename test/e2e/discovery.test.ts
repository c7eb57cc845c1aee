/** Real, unmodified etcd members find each other through `kubecfg discovery serve`. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { freePorts } from '../helpers/ports.ts';
import { Program } from '../helpers/program.ts';
import { waitFor } from '../helpers/wait.ts';

const program = new Program();
const started = new Set<ChildProcess>();
after(async () => {
  await Promise.all([...started].map(end));
  await program.remove();
});

interface Process {
  child: ChildProcess;
  output(): string;
  exit: Promise<number | null>;
}

function start(command: string, args: readonly string[]): Process {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  started.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
  return { child, output: () => text, exit };
}

async function end(child: ChildProcess): Promise<void> {
  started.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}

async function serve(port = 0): Promise<Process & { url: string }> {
  const args = ['--addr', `127.0.0.1:${port}`, '--data-dir', join(program.folder, 'discovery')];
  const service = start(process.execPath, ['bin/kubecfg.js', 'discovery', 'serve', ...args]);
  const url = await waitFor(() => /discovery service at (\S+),/.exec(service.output())?.[1], {
    what: 'the discovery service',
    withinMs: 10_000,
  });
  return { ...service, url: url! };
}

let clusters = 0;

class EtcdCluster {
  readonly #discovery: string;
  readonly #folder = join(program.folder, `etcd-${++clusters}`);
  readonly #ports = new Map<string, number>();
  readonly members: Process[] = [];

  constructor(discovery: string) {
    this.#discovery = discovery;
  }

  async member(name: string, ...flags: string[]): Promise<Process> {
    const [client, peer] = (await freePorts(2)) as [number, number];
    this.#ports.set(name, client);
    const [clientUrl, peerUrl] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
    const urls = ['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl];
    urls.push('--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl);
    const dataDir = join(this.#folder, name);
    // Elections as fast as loopback allows: what is tested here is the way to the first one.
    const fast = ['--heartbeat-interval', '20', '--election-timeout', '200', '--logger', 'zap', '--enable-v2'];
    const discovery = ['--discovery', this.#discovery, '--data-dir', dataDir];
    const member = start('etcd', ['--name', name, ...discovery, ...urls, ...fast, ...flags]);
    this.members.push(member);
    return member;
  }

  /** The members' names as one of them, or a proxy, tells them; it knows them when there is a leader. */
  async names(of: string): Promise<string[]> {
    const response = await fetch(`http://127.0.0.1:${this.#ports.get(of)!}/v2/members`);
    const { members } = (await response.json()) as { members: { name: string }[] };
    return members.map(({ name }) => name).sort();
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(({ child }) => end(child)));
  }
}

const namesOf = (count: number) => Array.from({ length: count }, (_, i) => `core-0${i + 1}`);

for (const size of [1, 5]) {
  test(`${size} real members, started at once, form a cluster`, async () => {
    const service = await serve();
    const url = (await program.ok('discovery', 'new', '--size', String(size), '--server', service.url)).trim();
    const cluster = new EtcdCluster(url);
    await Promise.all(namesOf(size).map((name) => cluster.member(name)));
    for (const name of [namesOf(size)[0]!, namesOf(size).at(-1)!]) {
      const seen = await waitFor(() => cluster.names(name), { what: `members of ${name}`, withinMs: 20_000 });
      assert.deepEqual(seen, namesOf(size));
    }
    await cluster.stop();
    await end(service.child);
  });
}

test('three members one by one, over a restart of the service; a fourth is told that the cluster is full', async () => {
  let service = await serve();
  const cluster = new EtcdCluster((await program.ok('discovery', 'new', '--server', service.url)).trim());
  const waiting = await cluster.member('core-01');
  // Size and list, its own registration, size and list again: then it waits, and an end of the service does not end it.
  const asked = () => metric(service.url, 'get');
  await waitFor(asked, { until: (n) => n >= 5, what: 'the first member to wait', withinMs: 10_000 });

  const exit = service.exit;
  service.child.kill('SIGKILL');
  await exit;
  assert.equal(waiting.child.exitCode, null, waiting.output());
  service = await serve(Number(new URL(service.url).port));
  await cluster.member('core-02');
  await cluster.member('core-03');
  const seen = await waitFor(() => cluster.names('core-01'), { what: 'three members', withinMs: 30_000 });
  assert.deepEqual(seen, ['core-01', 'core-02', 'core-03']);

  const late = await cluster.member('core-04', '--discovery-fallback', 'exit');
  assert.equal(await late.exit, 1);
  assert.match(late.output(), /discovery: cluster is full/);
  await cluster.member('core-05', '--discovery-fallback', 'proxy');
  const proxy = await waitFor(() => cluster.names('core-05'), { what: 'a proxy', withinMs: 20_000 });
  assert.deepEqual(proxy, ['core-01', 'core-02', 'core-03']);
  await cluster.stop();
  await end(service.child);
});

test('a token that nobody has given out stops a member, and says what to do', async () => {
  const service = await serve();
  const cluster = new EtcdCluster(`${service.url}/${'f'.repeat(32)}`);
  const member = await cluster.member('core-01');
  assert.equal(await member.exit, 1);
  assert.match(member.output(), /100: Key not found/);
  const { code, stderr } = await program.run(['discovery', 'new', '--server', service.url, '--size', '1000']);
  assert.deepEqual([code, /size must be from 1 to 100, not 1000/.test(stderr)], [1, true]);
  await end(service.child);
  const gone = await program.run(['discovery', 'new', '--server', service.url]);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /does not answer: .*ECONNREFUSED.*\n'kubecfg discovery serve' runs a discovery service\./);
});

/** Requests for tokens' keys with that method, as the service has counted them. */
async function metric(server: string, method: string): Promise<number> {
  const text = await (await fetch(`${server}/metrics`)).text();
  const counted = text.matchAll(
    new RegExp(`endpoint_token_requests_total{code="2\\d+",method="${method}"} (\\d+)`, 'g'),
  );
  return [...counted].reduce((sum, [, n]) => sum + Number(n), 0);
}
