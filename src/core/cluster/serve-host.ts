/** The daemon of a host that has joined, with certificates that do not end while it runs. */
import { X509Certificate } from 'node:crypto';
import { realClock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { EtcdMember } from '../machines/index.ts';
import type { ClusterConfig, HostRecord } from './config.ts';
import { runDaemon } from './daemon.ts';
import { type Enrolled, machineOf, renewed } from './enrol.ts';
import { type Identity, writeEtcdFiles } from './identity.ts';
import { paths } from './paths.ts';
import type { Report } from './progress.ts';
import { keepReach } from './reach.ts';
import { runWithRenewals } from './renewal.ts';
import { allRoles, type Role } from './roles.ts';

export interface Serving {
  dataDir: string;
  log: Logger;
  report: Report;
  signal: AbortSignal;
}

/** Resolves when it is told to stop: containers and etcd go on. */
export async function serveHost(
  { config, identity }: Enrolled,
  options: Serving,
  etcd: EtcdMember | undefined,
  ready?: () => Promise<void>,
): Promise<void> {
  const { dataDir, log, report } = options;
  const roles = rolesOf(config.host!);
  let isFirst = true;
  try {
    await runWithRenewals<Identity>({
      first: identity,
      validUntil: ({ node }) => Date.parse(new X509Certificate(node.certificate).validTo),
      renew: () => renewAll(config, dataDir),
      async run(current, signal) {
        keepReachOf(config, current, dataDir);
        const first = isFirst ? { ready } : {};
        isFirst = false;
        await runDaemon({ dataDir, roles, fresh: () => config, identity: current, log, report, signal, ...first });
      },
      clock: realClock,
      log,
      signal: options.signal,
    });
  } finally {
    etcd?.leaveRunning();
  }
}

/** etcd reads its files anew for every connection. */
async function renewAll(config: ClusterConfig, dataDir: string): Promise<Identity> {
  const { name, address } = machineOf(config);
  const { discovery } = config.host!;
  if (discovery) await writeEtcdFiles(paths(dataDir).pki, discovery, { name, address });
  return (await renewed(config, dataDir)).identity;
}

/** Without an API server of its own, the verbs on this host use one of the masters'. */
function keepReachOf({ host }: ClusterConfig, { ca, node }: Identity, dataDir: string): void {
  if (host!.role === 'worker') keepReach(dataDir, { servers: host!.servers, tls: { ca, ...node } });
}

const rolesOf = ({ role }: HostRecord): ReadonlySet<Role> => new Set(role === 'master' ? allRoles : ['node']);
