/** Services. Before v1beta3 their fields stood at the top, the first port in fields of its own beside the list. */
import { list, type Members, membersOf, type Pair, same, struct } from './pair.ts';
import { isInline, type OlderVersion } from './version.ts';

const addresses = {
  selector: same,
  clusterIP: ['portalIP', same],
  externalIPs: ['publicIPs', same],
  sessionAffinity: same,
} as const;

/** Of the types of service there was the plain one and this. */
const loadBalancer = {
  encode(old: Members, { type }: Members) {
    if (type === 'LoadBalancer') old.createExternalLoadBalancer = true;
  },
  decode(spec: Members, { createExternalLoadBalancer }: Members) {
    if (createExternalLoadBalancer === true) spec.type = 'LoadBalancer';
  },
};

const port = { name: same, protocol: same, port: same };
const ports = list(struct({ ...port, targetPort: same }));
const inlinePorts = list(struct({ ...port, targetPort: ['containerPort', same] }));

const spec = struct({ ports, ...addresses }, loadBalancer);

const inlineSpec = struct(
  { ports: inlinePorts, ...addresses },
  {
    encode(old, value) {
      loadBalancer.encode(old, value);
      const [first] = Array.isArray(old.ports) ? old.ports : [];
      const { name: portName, protocol, port, containerPort } = membersOf(first);
      Object.assign(old, { port: port ?? 0, portName, protocol, containerPort });
    },
    decode(value, old) {
      loadBalancer.decode(value, old);
      if ((Array.isArray(value.ports) && value.ports.length) || !old.port) return;
      const { port, portName, protocol, containerPort } = old;
      value.ports = [{ name: portName, protocol, port, targetPort: containerPort }];
    },
  },
);

export function service(version: OlderVersion): Pair {
  if (!isInline(version)) return struct({ spec }, { encode: (old) => Object.assign(old, { status: {} }) });
  return {
    encode: (value) => inlineSpec.encode(membersOf(value).spec),
    decode: (old) => ({ spec: inlineSpec.decode(old) }),
  };
}
