/** What a host must have to become a machine, looked at before anything is made. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { realClock } from '../async/clock.ts';
import { silentLog } from '../async/log.ts';
import { missingPrograms } from '../async/programs.ts';
import { systemRandom } from '../async/random.ts';
import { clientPort, holdsMember, peerPort } from '../machines/index.ts';
import type { HostRecord } from './config.ts';
import { paths } from './paths.ts';
import { portOwner } from './port-owner.ts';

/** Without it not even the record can be read. */
export function checkRoot(): void {
  if (process.platform !== 'linux') throw new Error('a machine of a cluster of several must be a Linux host');
  if (process.getuid?.() !== 0) throw new Error('a machine of a cluster of several needs root: use sudo');
}

/** Whatever the machine is going to be. Throws with what is missing and what to do. */
export async function checkHost(dockerSocket: string | undefined): Promise<void> {
  refuseMissing(['ip', 'nft', 'iptables'], 'machines need these programs');
  await checkEngine(dockerSocket);
}

async function checkEngine(socket: string | undefined): Promise<void> {
  const { connectDocker, NoEngineError } = await import('../runtime/docker/index.ts');
  try {
    const deps = { clock: realClock, random: systemRandom, log: silentLog };
    await (await connectDocker({ ...(socket !== undefined && { socket }), ...deps })).close();
  } catch (error) {
    if (!(error instanceof NoEngineError)) throw error;
    const [what] = error.message.split('\n');
    throw new Error(
      `${what}\nInstall Docker and start it (on Debian: apt-get install docker.io), or name its --docker-socket`,
    );
  }
}

interface Wanted {
  port: number;
  host: string;
  what: string;
  /** What the user can do about it. */
  advice: string;
}

/** The ports and programs of its role. */
export async function checkRole(
  { role, securePort }: Pick<HostRecord, 'role' | 'securePort'>,
  { dataDir, address, port }: { dataDir: string; address: string; port: number },
): Promise<void> {
  const free = 'free it, or join with another --address';
  await refuseTaken({ port: kubeletPort, host: address, what: 'the kubelet', advice: free });
  if (role === 'worker') return;
  refuseMissing(['etcd'], 'the first hosts of a cluster are members of its etcd and need this program');
  await refuseTaken({ port, host: '127.0.0.1', what: 'the API server', advice: 'choose another with --port' });
  const secure = { port: securePort, host: address, what: 'the API server' };
  await refuseTaken({ ...secure, advice: 'choose another with --secure-port, the same on all hosts' });
  // One of an attempt that was cut off goes on.
  if (holdsMember(paths(dataDir).etcd)) return;
  for (const etcdPort of [clientPort, peerPort]) {
    await refuseTaken({ port: etcdPort, host: address, what: 'etcd', advice: free });
  }
  await refuseTaken({ port: clientPort, host: '127.0.0.1', what: 'etcd', advice: 'free it' });
}

/** 0.17's --port. */
export const kubeletPort = 10250;

function refuseMissing(programs: readonly string[], why: string): void {
  const missing = missingPrograms(programs);
  if (missing.length > 0) throw new Error(`${why}: ${missing.join(', ')}; install them first`);
}

async function refuseTaken({ port, host, what, advice }: Wanted): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const owner = portOwner(port);
    throw new Error(`port ${port} of ${host}, for ${what}, is taken${owner ? ` by ${owner}` : ''}: ${advice}`);
  } finally {
    server.close();
  }
}
