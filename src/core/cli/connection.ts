/**
 * Picks the API server a verb talks to. What the user typed comes first, then the environment, then files:
 *   --server · --data-dir or --name · --kubeconfig or --context · KUBERNETES_MASTER · kubeconfig · the local daemon · embedded
 */
import { existsSync } from 'node:fs';
import { Client } from '../client/client.ts';
import type { TlsIdentity } from '../client/http.ts';
import type { Transport } from '../client/transport.ts';
import type { ConnectionFlags } from './base.ts';
import type { Context } from './context.ts';
import { UsageError } from './errors.ts';
import type { Kubeconfig, tlsOf as TlsReader } from './kubeconfig.ts';

/** Handed over: the file it is in is loaded only when a kubeconfig is read. */
type TlsOf = typeof TlsReader;

interface Remote {
  server: string;
  /** Of one cluster, with failover, where there are several. */
  servers?: string[];
  tls?: TlsIdentity | undefined;
}

export type Target = { namespace: string } & (Remote | { dataDir: string; name?: string | undefined });

export interface Connection {
  client: Client;
  /** The server's URL, or a few words for an embedded one. */
  server: string;
  namespace: string;
  /** Embedded and after a write: lets the loops finish what it set off. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export async function chooseTarget(flags: ConnectionFlags, context: Context): Promise<Target> {
  const { env } = context;
  const namespace = flags.namespace ?? 'default';
  if (flags.server) return { server: serverUrl(flags.server), namespace };
  if (flags['data-dir'] || flags.name) return local(flags, namespace);

  const fromFile = async (): Promise<Target | undefined> => {
    const kubeconfig = await import('./kubeconfig.ts');
    return fromKubeconfig(kubeconfig.readKubeconfig(flags.kubeconfig, env), flags, kubeconfig.tlsOf);
  };
  const typed = flags.kubeconfig || flags.context;
  if (typed) return (await fromFile()) ?? noContext(flags);
  if (env['KUBERNETES_MASTER']) return { server: serverUrl(env['KUBERNETES_MASTER']), namespace };
  return (await fromFile()) ?? local(flags, namespace);
}

async function local(flags: ConnectionFlags, namespace: string): Promise<Target> {
  const { dataDirOf, paths, runningDaemon } = await import('../cluster/paths.ts');
  const dataDir = dataDirOf({ dataDir: flags['data-dir'], name: flags.name });
  const daemon = runningDaemon(dataDir);
  if (existsSync(paths(dataDir).reach)) {
    const { readReach } = await import('../cluster/reach.ts');
    const reach = readReach(dataDir);
    if (reach) return { ...reach, server: reach.servers[0]!, namespace };
  }
  return daemon ? { server: daemon.server, namespace } : { dataDir, name: flags.name, namespace };
}

function fromKubeconfig(config: Kubeconfig, flags: ConnectionFlags, tlsOf: TlsOf): Target | undefined {
  const name = flags.context ?? config.currentContext;
  if (!name) return undefined;
  const context = config.contexts.find((c) => c.name === name);
  if (!context) throw new UsageError(`no context exists with the name "${name}"`, config.hint());
  const cluster = config.clusters.find((c) => c.name === context.cluster);
  if (!cluster?.server) throw new UsageError(`no server found for cluster "${context.cluster}"`, config.hint());
  const server = serverUrl(cluster.server);
  const namespace = flags.namespace ?? context.namespace ?? 'default';
  if (!server.startsWith('https:')) return { server, namespace };
  const user = config.users.find((u) => u.name === context.user);
  return { server, namespace, tls: tlsOf(cluster, user) };
}

function noContext(flags: ConnectionFlags): never {
  throw new UsageError(`${flags.kubeconfig} names no current-context`, 'Name one with --context.');
}

/** `localhost:8080` means http (kubecfg 0.7.2). */
function serverUrl(text: string): string {
  const url = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(url)) throw new UsageError(`--server ${text}: not a URL, such as http://127.0.0.1:8080`);
  return url.replace(/\/+$/, '');
}

export async function openConnection(target: Target, context: Context): Promise<Connection> {
  if ('server' in target) {
    const transport = traced(await openTransport(target), context);
    return connectionOver(transport, { ...target, settle: async () => {} });
  }
  const { openEmbeddedCluster } = await import('../cluster/embedded.ts');
  const cluster = await openEmbeddedCluster(target.dataDir, target.name);
  let wrote = false;
  const transport = observed(traced(cluster.transport, context), (verb) => {
    wrote ||= !reads.has(verb);
  });
  const settle = async () => {
    if (wrote) await cluster.settle();
  };
  const { namespace } = target;
  const connection = connectionOver(transport, { server: `embedded in ${target.dataDir}`, namespace, settle });
  return { ...connection, close: () => cluster.close() };
}

async function openTransport({ server, servers = [], tls }: Remote): Promise<Transport> {
  if (servers.length > 1) {
    const { createFailoverTransport } = await import('../client/failover.ts');
    return createFailoverTransport({ servers, tls });
  }
  const { createHttpTransport } = await import('../client/http.ts');
  return createHttpTransport({ server, tls });
}

interface Rest {
  server: string;
  namespace: string;
  settle(): Promise<void>;
}

export function connectionOver(transport: Transport, { server, namespace, settle }: Rest): Connection {
  return { client: new Client(transport), server, namespace, settle, close: () => transport.close() };
}

const reads = new Set(['get', 'list', 'watch']);

/** The same transport, telling `seen` the verb of each request before it goes out. */
function observed(transport: Transport, seen: (verb: string, what: string) => void): Transport {
  const note = (r: Parameters<Transport['send']>[0]) => {
    const path = [r.namespace, r.kind.plural, r.name, r.subresource].filter(Boolean).join('/');
    seen(r.verb, `${path} ${JSON.stringify(r.options ?? {})}`);
  };
  return {
    send(request, signal) {
      note(request);
      return transport.send(request, signal);
    },
    watch(request, signal) {
      note(request);
      return transport.watch(request, signal);
    },
    stream(request, signal) {
      note(request);
      return transport.stream(request, signal);
    },
    raw(path) {
      seen('get', path);
      return transport.raw(path);
    },
    download(path, signal) {
      seen('get', path);
      return transport.download(path, signal);
    },
    close: () => transport.close(),
  };
}

/** `-v 6` and above: one line on stderr for each request. */
function traced(transport: Transport, { verbosity, stderr, clock }: Context): Transport {
  if (verbosity < 6) return transport;
  return observed(transport, (verb, what) => {
    stderr.write(`${new Date(clock.now()).toISOString()} ${verb} ${what}\n`);
  });
}
