/** Nodes, which were minions before v1beta3. */
import { resourceList } from './amounts.ts';
import { list, type Members, membersOf, type Pair, same, struct } from './pair.ts';
import { conditionNames } from './pod.ts';
import { isInline, type OlderVersion } from './version.ts';

const spec = struct({ podCIDR: same, externalID: same, unschedulable: same });

const condition = { lastTransitionTime: same, reason: same, message: same };
const reported = {
  phase: same,
  addresses: list(struct({ type: same, address: same })),
  nodeInfo: struct({
    machineID: same,
    systemUUID: same,
    bootID: same,
    kernelVersion: same,
    osImage: same,
    containerRuntimeVersion: same,
    kubeletVersion: same,
    kubeProxyVersion: same,
  }),
};

const status = struct({
  capacity: same,
  ...reported,
  conditions: list(struct({ type: same, status: same, lastHeartbeatTime: same, ...condition })),
});

const inlineStatus = struct({
  ...reported,
  conditions: list(struct({ ...conditionNames, lastHeartbeatTime: ['lastProbeTime', same], ...condition })),
});

/** The id in the cloud is the name unless it was given. */
const named = (value: Members) => membersOf(value.metadata).name;

export function node(version: OlderVersion): Pair {
  if (!isInline(version)) {
    return struct({ spec, status }, { encode: (old, value) => withExternalID(membersOf(old.spec), named(value)) });
  }
  return {
    encode(value) {
      const { spec: own, status: has } = membersOf(value);
      const old = withExternalID(membersOf(spec.encode(own)), named(membersOf(value)));
      const { capacity, addresses } = membersOf(has);
      const resources = { capacity: resourceList.encode(capacity ?? undefined) };
      return { hostIP: hostIPOf(addresses), resources, status: inlineStatus.encode(has), ...old };
    },
    decode(value) {
      const { hostIP, resources, status: has, ...old } = membersOf(value);
      const decoded: Members = { ...membersOf(inlineStatus.decode(has)) };
      decoded.capacity = resourceList.decode(membersOf(resources).capacity ?? undefined);
      if (hostIP) decoded.addresses = withHostIP(decoded.addresses, hostIP);
      return { spec: spec.decode(old), status: decoded };
    },
  };
}

function withExternalID(old: Members, name: unknown): Members {
  old.externalID ??= name;
  return old;
}

const hostIPTypes = ['LegacyHostIP', 'InternalIP'];

function hostIPOf(addresses: unknown): unknown {
  const known = Array.isArray(addresses) ? addresses.map(membersOf) : [];
  for (const wanted of hostIPTypes) {
    const found = known.find(({ type }) => type === wanted);
    if (found) return found.address;
  }
  return undefined;
}

function withHostIP(addresses: unknown, hostIP: unknown): unknown {
  const known = Array.isArray(addresses) ? addresses : [];
  if (known.some((one) => membersOf(one).address === hostIP)) return addresses;
  return [...known, { type: 'LegacyHostIP', address: hostIP }];
}
