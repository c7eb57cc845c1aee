/**
 * Start-up of the command line: whole processes, in turns, so that whatever else the machine does hits all alike.
 *   npm run build && npx tsx test/bench/cli.ts [rounds]
 * Wanted: `kubecfg get pods` at most 2.5 × `node -e 0`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pod } from '../../src/core/api/kinds/index.ts';
import { startApi } from '../helpers/cli.ts';

const rounds = Number(process.argv[2] ?? 21);
const api = await startApi();
const { port } = await api.server.listen({ host: '127.0.0.1', port: 0 });
for (const name of ['a', 'b', 'c', 'd', 'e']) {
  await api.client.create(Pod, {
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name, image: 'x' }] },
  });
}
const home = mkdtempSync(join(tmpdir(), 'bench-cli-'));
const server = `http://127.0.0.1:${port}`;
writeFileSync(
  join(home, 'config'),
  `clusters: [{name: a, cluster: {server: "${server}"}}]\ncontexts: [{name: a, context: {cluster: a}}]\ncurrent-context: a\n`,
);
// Node reads the bundle of NODE_EXTRA_CA_CERTS at start; that is no part of either side.
const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: join(home, 'config') };

const kubecfg = 'bin/kubecfg.js';
const variants: Record<string, string[]> = {
  'node -e 0': ['-e', '0'],
  'kubecfg get pods (server from kubeconfig)': [kubecfg, 'get', 'pods'],
  'kubecfg get pods -s URL': [kubecfg, 'get', 'pods', '-s', server],
  'kubecfg get pods -o json': [kubecfg, 'get', 'pods', '-o', 'json'],
  'kubecfg describe pod a': [kubecfg, 'describe', 'pod', 'a'],
  'kubecfg --help': [kubecfg, '--help'],
};

async function wallMs(argv: string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  child.stderr.resume();
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}`);
  return performance.now() - started;
}

const times = new Map(Object.keys(variants).map((name) => [name, [] as number[]]));
for (let round = -2; round < rounds; round++) {
  for (const [name, argv] of Object.entries(variants)) {
    const ms = await wallMs(argv);
    if (round >= 0) times.get(name)!.push(ms);
  }
}

const median = (list: number[]) => list.toSorted((a, b) => a - b)[list.length >> 1]!;
const bare = median(times.get('node -e 0')!);
for (const [name, list] of times) {
  const ms = median(list);
  console.log(`${name.padEnd(44)} ${ms.toFixed(1).padStart(6)} ms  ${(ms / bare).toFixed(2)} ×`);
}
await api.close();
rmSync(home, { recursive: true });
