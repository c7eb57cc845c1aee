/** The userspace data path: one listener per TCP portal; the port is written on the service, where `get services` shows it. */
import { localPortsAnnotation } from '../api/annotations.ts';
import { Service } from '../api/kinds/index.ts';
import { isNotFound } from '../api/status.ts';
import type { Logger } from '../async/log.ts';
import type { Client } from '../client/client.ts';
import type { DataPath } from './data-path.ts';
import type { Portal } from './portals.ts';
import { UserspacePortal } from './userspace.ts';

export function userspaceDataPath({ client, log }: { client: Client; log: Logger }): DataPath {
  const open = new Map<string, { listener: UserspacePortal; address: string }>();

  async function openPortal(portal: Portal): Promise<void> {
    const existing = open.get(portal.name);
    if (existing) return existing.listener.update(portal);
    const listener = new UserspacePortal(portal);
    open.set(portal.name, { listener, address: await listener.listen() });
  }

  async function closeGone(wanted: ReadonlySet<string>): Promise<void> {
    for (const [name, { listener }] of open) {
      if (wanted.has(name)) continue;
      open.delete(name);
      await listener.close();
    }
  }

  /** Writes the ports of one service on it; written again only when they changed. */
  async function annotate(service: string, portals: readonly Portal[]): Promise<void> {
    const [namespace = '', name = ''] = service.split('/');
    const value = portals.map((p) => `${p.port}=${open.get(p.name)?.address}`).join(',');
    const patch = { metadata: { annotations: { [localPortsAnnotation]: value } } };
    await client.patch(Service, namespace, name, patch).catch((e: unknown) => {
      if (!isNotFound(e)) throw e;
    });
  }

  let annotated = new Map<string, string>();
  return {
    mode: 'userspace',
    async apply(portals) {
      const tcp = portals.filter((portal) => portal.protocol === 'TCP');
      const skipped = portals.filter((portal) => portal.protocol !== 'TCP').map((portal) => portal.name);
      if (skipped.length > 0) log.warn(`without root only TCP services are served, not ${skipped.join(', ')}`);
      await closeGone(new Set(tcp.map((portal) => portal.name)));
      for (const portal of tcp) await openPortal(portal);

      const now = new Map<string, string>();
      for (const [service, own] of byService(tcp)) {
        const value = own.map((p) => open.get(p.name)?.address).join();
        if (annotated.get(service) !== value) await annotate(service, own);
        now.set(service, value);
      }
      annotated = now;
    },
    async close() {
      await closeGone(new Set());
    },
  };
}

/** `namespace/name` → its portals. */
function byService(portals: readonly Portal[]): Map<string, Portal[]> {
  const groups = new Map<string, Portal[]>();
  for (const portal of portals) {
    const service = portal.name.slice(0, portal.name.lastIndexOf(':'));
    groups.set(service, [...(groups.get(service) ?? []), portal]);
  }
  return groups;
}
