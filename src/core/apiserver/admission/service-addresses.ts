/**
 * Portal addresses: every service but headless and external ones gets an address of the portal net when it is created.
 * What is taken follows from the services in the cache, so nothing has to be repaired after a crash; addresses promised
 * to writes still on their way are kept apart, so that two of them never get the same.
 */
import { contains, formatAddress, formatCidr, parseAddress, parseCidr } from '../../api/cidr.ts';
import { Service } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import { internalError, invalid } from '../../api/status.ts';
import { invalidValue } from '../../api/validation/errors.ts';
import { pick, type Random } from '../../async/random.ts';
import type { Cache } from '../cache.ts';
import type { Index } from '../resource.ts';
import type { AdmissionPlugin } from './plugin.ts';

export function serviceAddresses(portalNet: string, random: Random): AdmissionPlugin {
  const net = parseCidr(portalNet);
  if (!net || net.size < 8)
    throw new Error(`portal net ${portalNet}: expected a range of at least 8 addresses, such as 10.0.0.0/16`);
  const promised = new Set<string>();

  const usable = (address: number) =>
    contains(net, address) && address !== net.base && address !== net.base + net.size - 1;

  /** Why the user cannot have this address; undefined when he can. */
  function refusal(ip: string, taken: Index): string | undefined {
    const address = parseAddress(ip);
    if (address === undefined || !usable(address)) {
      return `the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${formatCidr(net!)}`;
    }
    return taken.has(ip) || promised.has(ip) ? 'provided IP is already allocated' : undefined;
  }

  /** A random start and then the next free one, as the original does, so that a freed address is not soon used again. */
  function next(taken: Index): string {
    const count = net!.size - 2;
    const start = pick(random, count);
    for (let i = 0; i < count; i++) {
      const ip = formatAddress(net!.base + 1 + ((start + i) % count));
      if (!taken.has(ip) && !promised.has(ip)) return ip;
    }
    throw internalError('failed to allocate a serviceIP: range is full');
  }

  return {
    name: 'ServiceAddresses',
    guards: ({ verb, kind }) => (kind === Service && verb !== 'delete' ? ['services'] : []),
    admit({ verb, kind, name, object, old, cache, onSettled }) {
      if (kind !== Service || verb === 'delete') return;
      const { spec } = object as Service;
      if (spec.type === 'ExternalName' || spec.clusterIP === 'None') return;
      if (spec.clusterIP && spec.clusterIP === (old as Service | undefined)?.spec.clusterIP) return;

      const taken = takenIn(cache);
      const asked = spec.clusterIP;
      const why = asked && refusal(asked, taken);
      if (why) {
        const detail = `failed to allocate IP ${asked}: ${why}`;
        throw invalid('Service', '', name, [invalidValue('spec.clusterIPs', [asked], detail)]);
      }
      const ip = asked || next(taken);
      promised.add(ip);
      onSettled.push(() => promised.delete(ip));
      spec.clusterIP = ip;
      spec.clusterIPs = [ip];
    },
  };
}

function takenIn(cache: Cache): Index {
  return cache.resource(Service).index('clusterIP', (service: Stored) => {
    const { clusterIP } = (service as unknown as Service).spec;
    return clusterIP && clusterIP !== 'None' ? [clusterIP] : [];
  });
}
