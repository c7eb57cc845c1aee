/** Replication controllers, and the templates of pods in them. */
import { metadata } from './metadata.ts';
import { membersOf, type Pair, same, struct } from './pair.ts';
import { decodeDesiredState, emptyManifest, encodeDesiredState, podSpec } from './pod-spec.ts';
import { isInline, type OlderVersion } from './version.ts';

/** No pods unless told otherwise; one became the default with v1. */
const replicas: Pair = { encode: (value) => value, decode: (old) => old ?? 0 };

const template = struct({ metadata, spec: podSpec });

/** Before v1beta3 a template had labels and annotations, and no other metadata. */
function inlineTemplate(version: OlderVersion): Pair {
  return {
    encode(value) {
      const { metadata: meta, spec } = membersOf(value);
      const { labels, annotations } = membersOf(meta);
      const { nodeSelector } = membersOf(spec);
      return { desiredState: encodeDesiredState(version, membersOf(spec)), nodeSelector, labels, annotations };
    },
    decode(old) {
      const { desiredState, nodeSelector, labels, annotations } = membersOf(old);
      return {
        metadata: { labels, annotations },
        spec: { ...decodeDesiredState(version, desiredState), nodeSelector },
      };
    },
  };
}

const withReplicas = (spec: Pair): Pair => ({
  encode: spec.encode,
  decode: (old) => ({ ...membersOf(spec.decode(old)), replicas: replicas.decode(membersOf(old).replicas) }),
});

/** A pod to be, under a name of its own; it came with v1beta3. */
export const podTemplate = (): Pair => struct({ template });

export function replicationController(version: OlderVersion): Pair {
  if (!isInline(version)) {
    const spec = withReplicas(struct({ replicas: same, selector: same, template }));
    return struct({ spec, status: struct({ replicas: same }) });
  }
  const desiredState = withReplicas(
    struct({
      replicas: same,
      selector: ['replicaSelector', same],
      template: ['podTemplate', inlineTemplate(version)],
    }),
  );
  return {
    encode(value) {
      const { spec, status } = membersOf(value);
      return {
        desiredState: desiredState.encode(spec),
        currentState: {
          replicas: membersOf(status).replicas ?? 0,
          replicaSelector: null,
          podTemplate: { desiredState: { manifest: emptyManifest } },
        },
      };
    },
    decode(old) {
      const { desiredState: desired, currentState } = membersOf(old);
      return {
        spec: desiredState.decode(membersOf(desired)),
        status: { replicas: membersOf(currentState).replicas },
      };
    },
  };
}
