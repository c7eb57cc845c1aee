/** The discovery service of isolated machines: a process of its own on the host, where the machines find each other. */
import { join } from 'node:path';
import { detachedPid, startDetached, stopDetached } from '../../async/detached.ts';

const port = 8087;
const startsWithinMs = 10_000;

const pidFile = (dataDir: string) => join(dataDir, 'discovery.pid');
const log = (dataDir: string) => join(dataDir, 'discovery.log');

/** Starts it unless it runs. `address` is the host's on the machines' bridge. */
export async function startDiscoveryService(dataDir: string, address: string): Promise<string> {
  const url = `http://${address}:${port}`;
  const program = [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
  const flags = ['--addr', `${address}:${port}`, '--public-url', url, '--data-dir', join(dataDir, 'discovery')];
  const env: NodeJS.ProcessEnv = { ...process.env };
  delete env['NODE_EXTRA_CA_CERTS'];
  const command = [...program, 'discovery', 'serve', ...flags, '--ttl', '0'];
  startDetached({ command, pidFile: pidFile(dataDir), log: log(dataDir), env });
  const deadline = performance.now() + startsWithinMs;
  while (!(await answers(url))) {
    if (detachedPid(pidFile(dataDir)) === undefined || performance.now() > deadline) {
      throw new Error(`the discovery service at ${url} did not start: see ${log(dataDir)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return url;
}

export function stopDiscoveryService(dataDir: string): Promise<void> {
  return stopDetached(pidFile(dataDir), 5_000);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}
