/** Roles in processes of their own: a control plane here, machines there. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Program } from '../helpers/program.ts';
import { waitFor } from '../helpers/wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubecfg-roles-'));
const program = new Program();
const started: ChildProcess[] = [];
after(async () => {
  for (const child of started) child.kill('SIGKILL');
  await program.remove();
  rmSync(folder, { recursive: true, force: true });
});

function daemon(name: string, ...args: string[]): { child: ChildProcess; server: () => string } {
  const dataDir = join(folder, name);
  const flags = ['--runtime', 'hollow', '--port', '0', '--data-dir', dataDir, '--name', name, ...args];
  const child = spawn(process.execPath, ['bin/kubecfg.js', 'daemon', ...flags], { stdio: 'ignore' });
  started.push(child);
  const record = () => JSON.parse(readFileSync(join(dataDir, 'daemon.json'), 'utf8')) as { server: string };
  return { child, server: () => record().server };
}

test('a pod runs on a machine of another process, its log is read from there, and SIGTERM ends both cleanly', async () => {
  const master = daemon('master', '--roles', 'apiserver,scheduler,controllers');
  const server = await waitFor(master.server, { what: 'the master', withinMs: 10_000 });
  const nodes = daemon('nodes', '--roles', 'node', '--server', server, '--num-instances', '2');
  await waitFor(nodes.server, { what: 'the machines', withinMs: 10_000 });

  const names = await program.ok('get', 'nodes', '-s', server, '-o', 'jsonpath={.items[*].metadata.name}');
  assert.equal(names, 'core-01 core-02');
  await program.ok('create', 'pod', 'a', '--image', 'x', '-s', server);
  await program.ok('wait', 'pod/a', '--for=condition=Ready', '--timeout=10s', '-s', server);
  assert.match(await program.ok('logs', 'a', '-s', server), /\w/);

  for (const { child } of [nodes, master]) {
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    assert.equal(await exit, 0);
  }
});

test('the daemon lets in the web pages it is told of, keeps events as long as it is told, and tells its queues', async () => {
  const origin = 'https://ui.example.com';
  const flags = ['--cors-allowed-origins', '^https://ui\\.example\\.com$', '--event-ttl', '1s'];
  const { server: record } = daemon('settings', '--num-instances', '0', ...flags);
  const server = await waitFor(record, { what: 'the daemon', withinMs: 10_000 });
  const allowed = async (from: string) => {
    const { headers } = await fetch(`${server}/api/v1/pods`, { headers: { Origin: from } });
    return headers.get('access-control-allow-origin');
  };
  assert.equal(await allowed(origin), origin);
  assert.equal(await allowed('https://example.com'), null);

  // The loops begin when they are elected.
  const metrics = async () => (await fetch(`${server}/metrics`)).text();
  for (const name of ['replication', 'endpoints', 'scheduler']) {
    const line = new RegExp(`^workqueue_depth\\{name="${name}[^"]*"\\} 0$`, 'm');
    await waitFor(metrics, { until: (text) => line.test(text), what: `the queue of ${name}` });
  }
  const events = `${server}/api/v1/namespaces/default/events`;
  const event = { metadata: { name: 'brief' }, involvedObject: { namespace: 'default' } };
  const body = JSON.stringify(event);
  const { status } = await fetch(events, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  assert.equal(status, 201);
  const gone = async () => (await fetch(`${events}/brief`)).status === 404 || undefined;
  await waitFor(gone, { what: 'the end of the event', withinMs: 5_000 });
});

test('settings that are none are refused', async () => {
  for (const [flag, value, why] of [
    ['--cors-allowed-origins', '[', /Invalid regular expression/],
    ['--event-ttl', '10ms', /--event-ttl: at least 1s/],
  ] as const) {
    const { code, stderr } = await program.run(['daemon', flag, value, ...program.local]);
    assert.equal(code, 2);
    assert.match(stderr, why);
  }
});

test('an unknown role is refused with those there are', async () => {
  const { code, stderr } = await program.run(['daemon', '--roles', 'node,etcd', ...program.local]);
  assert.equal(code, 2);
  assert.match(stderr, /unknown role etcd: the roles are apiserver, scheduler, controllers, node/);
});
