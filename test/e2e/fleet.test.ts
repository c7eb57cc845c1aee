/** Machines as fleet's API tells of them: from every server the same, a lost one gone, a returning one known by its id. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Program } from '../helpers/program.ts';
import { waitFor } from '../helpers/wait.ts';

const program = new Program();
const started: ChildProcess[] = [];
after(async () => {
  for (const child of started) child.kill('SIGKILL');
  await program.remove();
});

interface DaemonRecord {
  server: string;
}

const list = (...flags: string[]) => program.ok('list-machines', ...program.local, ...flags);

function overSocket(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const req = request({ socketPath, path, headers: { Host: 'domain-sock' }, agent: false }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      res.on('end', () => resolve(text));
    });
    req.on('error', reject);
    req.end();
  });
}

test('a crashed machine disappears, and comes back under its id; port and socket say the same', async () => {
  await program.ok('up', ...program.local, '--runtime', 'hollow', '--port', '0', '--num-instances', '3');
  const { server } = JSON.parse(readFileSync(join(program.dataDir, 'daemon.json'), 'utf8')) as DaemonRecord;
  const all = await list('--full', '--no-legend');
  assert.equal(all.trimEnd().split('\n').length, 3);
  const body = await (await fetch(`${server}/fleet/v1/machines?alt=json`)).text();
  assert.equal(await overSocket(join(program.dataDir, 'fleet.sock'), '/fleet/v1/machines?alt=json'), body);
  const { machines } = JSON.parse(body) as { machines: { id: string; primaryIP: string }[] };
  assert.deepEqual(
    all.trimEnd().split('\n'),
    machines.map(({ id, primaryIP }) => `${id}\t${primaryIP}\t-`),
  );

  await program.ok('halt', '--force', 'core-02', ...program.local);
  const rows = (count: number) => ({
    until: (text: string) => text.trimEnd().split('\n').length === count,
    withinMs: 30_000,
    what: `${count} machines`,
  });
  await waitFor(() => list('--full', '--no-legend'), rows(2));
  await program.ok('up', 'core-02', ...program.local);
  assert.equal(await waitFor(() => list('--full', '--no-legend'), rows(3)), all);
});

test('machines of another process are told of by the API server, and by every client, alike', async () => {
  const daemon = (name: string, ...args: string[]) => {
    const flags = ['--runtime', 'hollow', '--port', '0', '--data-dir', join(program.folder, name), '--name', name];
    started.push(spawn(process.execPath, ['bin/kubecfg.js', 'daemon', ...flags, ...args], { stdio: 'ignore' }));
    const record = () => JSON.parse(readFileSync(join(program.folder, name, 'daemon.json'), 'utf8')) as DaemonRecord;
    return waitFor(() => record().server, { what: name, withinMs: 10_000 });
  };
  const server = await daemon('master', '--roles', 'apiserver,controllers');
  assert.equal(await program.ok('list-machines', '-s', server), 'MACHINE\tIP\tMETADATA\n');
  await daemon('nodes', '--roles', 'node', '--server', server, '--num-instances', '2');
  const rows = await program.ok('list-machines', '-s', server, '--no-legend');
  assert.equal(rows.trimEnd().split('\n').length, 2);
  const [, nodes] = started;
  nodes!.kill('SIGKILL');
  await waitFor(() => program.ok('list-machines', '-s', server, '--no-legend'), {
    until: (text) => text === '',
    what: 'no machines',
    withinMs: 30_000,
  });
});
