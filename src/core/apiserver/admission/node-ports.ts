/** Node ports: services of type NodePort and LoadBalancer get one for each port; the asked one when it is free. */
import { Service } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import { internalError, invalid } from '../../api/status.ts';
import { invalidValue } from '../../api/validation/errors.ts';
import { pick, type Random } from '../../async/random.ts';
import type { Index } from '../resource.ts';
import type { AdmissionPlugin } from './plugin.ts';

const [first, last] = [30000, 32767];

export function nodePorts(random: Random): AdmissionPlugin {
  const promised = new Set<string>();

  function next(taken: Index): number {
    const count = last - first + 1;
    const start = pick(random, count);
    for (let i = 0; i < count; i++) {
      const port = first + ((start + i) % count);
      if (!taken.has(String(port)) && !promised.has(String(port))) return port;
    }
    throw internalError('failed to allocate a nodePort: range is full');
  }

  return {
    name: 'NodePorts',
    guards: ({ verb, kind }) => (kind === Service && verb !== 'delete' ? ['services'] : []),
    admit({ verb, kind, name, object, old, cache, onSettled }) {
      if (kind !== Service || verb === 'delete') return;
      const { spec } = object as Service;
      if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return;
      const taken = cache.resource(Service).index('nodePort', portsOf);
      /** Ports this service may use: those it had, and those just promised to it (one number may serve TCP and UDP). */
      const own = new Set(old ? portsOf(old) : []);

      (spec.ports ?? []).forEach((port, i) => {
        const asked = port.nodePort;
        if (asked && own.has(String(asked))) return;
        const why = asked && refusal(asked, taken, promised);
        if (why) throw invalid('Service', '', name, [invalidValue(`spec.ports[${i}].nodePort`, asked, why)]);
        port.nodePort = asked || next(taken);
        const text = String(port.nodePort);
        own.add(text);
        promised.add(text);
        onSettled.push(() => promised.delete(text));
      });
    },
  };
}

function refusal(port: number, taken: Index, promised: ReadonlySet<string>): string | undefined {
  if (port < first || port > last) {
    return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
  }
  const text = String(port);
  return taken.has(text) || promised.has(text) ? 'provided port is already allocated' : undefined;
}

const portsOf = (service: Stored): string[] =>
  ((service as unknown as Service).spec.ports ?? []).flatMap(({ nodePort }) => (nodePort ? [String(nodePort)] : []));
