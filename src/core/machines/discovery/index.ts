/**
 * The discovery service: gives out tokens under which the members of a new etcd cluster find each other. Speaks the
 * protocol of discovery.etcd.io, so unmodified etcd from 0.4 to 3.x bootstraps from it.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../async/clock.ts';
import type { Logger } from '../../async/log.ts';
import type { Running } from '../../async/running.ts';
import { Registry } from './registry.ts';
import { Service, type ServiceLimits } from './service.ts';

export interface DiscoveryOptions {
  /** All addresses of the host when empty. */
  host: string;
  /** Any free one when 0. */
  port: number;
  /** Where tokens and members are kept; in memory only without it. */
  dataDir?: string | undefined;
  /** How machines reach the service, without a path. Unless given, tokens are named at the address they were asked at. */
  publicUrl?: string | undefined;
  /** How long a token lives after the last registration; for ever when 0. */
  ttlMs: number;
  /** Keys of all tokens together: two for each, and one for each member. */
  keysMax?: number;
  limits?: ServiceLimits;
  clock: Clock;
  log: Logger;
}

export interface Discovery extends Running {
  /** `http://127.0.0.1:8087`, or the public one. */
  readonly url: string;
  /** The URL of a new token, as `GET /new?size=N` answers it. */
  newToken(size: number): Promise<string>;
}

/** A cluster of a hundred members behind one address, all starting at once, stays below the second. */
const usualLimits: ServiceLimits = {
  newTokens: { perSecond: 1, burst: 60 },
  requests: { perSecond: 500, burst: 20_000 },
};

export async function startDiscovery(options: DiscoveryOptions): Promise<Discovery> {
  const { dataDir, clock, log, ttlMs, keysMax = 50_000, limits = usualLimits } = options;
  const { openEmbeddedStore } = await import('../../store/index.ts');
  const store = await openEmbeddedStore({ dir: dataDir, clock, log: log.part('store') });
  try {
    const registry = await Registry.open({ store, clock, log, ttlMs, keysMax });
    let url = options.publicUrl ?? '';
    const prefix = (host: string | undefined) => options.publicUrl ?? (isHost(host) ? `http://${host}` : url);
    const service = new Service({ registry, clock, log, limits, prefix });
    const server = createServer((request, response) => void service.receive(request, response));
    server.maxConnections = connectionsMax;
    const port = await listen(server, options);
    url ||= `http://${urlHost(options.host)}:${port}`;
    return {
      url,
      newToken: async (size) => `${url}/${await registry.create(size)}`,
      async stop() {
        service.close();
        registry.close();
        await close(server);
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

const connectionsMax = 8192;

/** What may stand in a URL; a Host header is whatever its sender likes. */
const isHost = (host: string | undefined): host is string => host !== undefined && /^[\w.:[\]-]+$/.test(host);

/** For a service on all addresses, one that at least this host can reach. */
function urlHost(host: string): string {
  if (host === '' || host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host !== '' && { host }) }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
