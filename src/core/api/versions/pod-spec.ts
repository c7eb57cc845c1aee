/** What a pod is asked to be: `spec`, and before v1beta3 the manifest of its containers. */
import { container } from './container.ts';
import { list, type Members, membersOf, type Pair, same, struct } from './pair.ts';
import { isInline, type OlderVersion } from './version.ts';
import { volumes } from './volumes.ts';

const perVersion = new Map<OlderVersion, Pair>();

/** Without the node: v1beta1 and v1beta2 kept it beside the manifest. */
function containersAndVolumes(version: OlderVersion): Pair {
  let pair = perVersion.get(version);
  if (!pair) {
    pair = struct({
      volumes: volumes(version),
      containers: list(container(version)),
      restartPolicy: isInline(version) ? restartPolicyObject : same,
      terminationGracePeriodSeconds: same,
      dnsPolicy: same,
      hostNetwork: same,
    });
    perVersion.set(version, pair);
  }
  return pair;
}

/** `{"always":{}}`, as if each policy could have had options. */
const restartPolicyObject: Pair = {
  encode: (policy) => (typeof policy === 'string' ? { [policyMembers[policy] ?? policy]: {} } : policy),
  decode(old) {
    const members = membersOf(old);
    if (members !== old) return old;
    return Object.entries(policyMembers).find(([, member]) => members[member])?.[0];
  },
};
const policyMembers: Readonly<Record<string, string>> = { Always: 'always', OnFailure: 'onFailure', Never: 'never' };

/** v1beta3's pod spec. */
export const podSpec: Pair = {
  encode(value) {
    const spec = membersOf(value);
    const { volumes = null, ...rest } = membersOf(containersAndVolumes('v1beta3').encode(spec));
    return { volumes, ...rest, nodeSelector: spec.nodeSelector, host: spec.nodeName };
  },
  decode(old) {
    if (membersOf(old) !== old) return old;
    const { nodeSelector, host: nodeName } = membersOf(old);
    return { ...membersOf(containersAndVolumes('v1beta3').decode(old)), nodeSelector, nodeName };
  },
};

/** `desiredState` of a pod or of a template of pods: manifest and node. */
export function encodeDesiredState(version: OlderVersion, spec: Members): Members {
  const {
    volumes = null,
    containers = null,
    restartPolicy = {},
    ...rest
  } = membersOf(containersAndVolumes(version).encode(spec));
  // The version is the manifest's own, and its id was never kept.
  const manifest = { version: 'v1beta2', id: '', volumes, containers, restartPolicy, ...rest };
  return { manifest, host: spec.nodeName };
}

export function decodeDesiredState(version: OlderVersion, desiredState: unknown): Members {
  const { manifest, host: nodeName } = membersOf(desiredState);
  return { ...membersOf(containersAndVolumes(version).decode(manifest)), nodeName };
}

/** What `currentState` holds where nobody reports a manifest. */
export const emptyManifest = { version: '', id: '', volumes: null, containers: null, restartPolicy: {} };

/** The pod that a container manifest describes, as kubelets read them from files and URLs. */
export function podOfManifest(manifest: Members): Members {
  const version = manifest.version === 'v1beta2' ? 'v1beta2' : 'v1beta1';
  const spec = decodeDesiredState(version, { manifest });
  return { kind: 'Pod', apiVersion: 'v1', metadata: { name: manifest.id, uid: manifest.uuid }, spec };
}
