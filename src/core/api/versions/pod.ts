/** Pods. */
import { list, type Members, membersOf, type Pair, same, struct, words } from './pair.ts';
import { decodeDesiredState, emptyManifest, encodeDesiredState, podSpec } from './pod-spec.ts';
import { isInline, type OlderVersion } from './version.ts';

const stateOfContainer = struct({
  waiting: struct({ reason: same }),
  running: struct({ startedAt: same }),
  terminated: [
    'termination',
    struct({
      exitCode: same,
      signal: same,
      reason: same,
      message: same,
      startedAt: same,
      finishedAt: same,
      containerID: same,
    }),
  ],
});

const statusOfContainer = {
  state: stateOfContainer,
  lastState: stateOfContainer,
  ready: same,
  restartCount: same,
  image: same,
  imageID: same,
  containerID: same,
};

export const conditionWords = words({ True: 'Full', False: 'None', Unknown: 'Unknown' });

/** `kind` and `Full` for `type` and `True`. */
export const conditionNames = { type: ['kind', same], status: conditionWords } as const;

/** 0.7.2 said Terminated of both ends; since then it is the bad one. */
export const phaseWords = words({
  Pending: 'Waiting',
  Running: 'Running',
  Succeeded: 'Succeeded',
  Failed: 'Terminated',
  Unknown: 'Unknown',
});

const addresses = { message: same, hostIP: same, podIP: same };

const status = struct({
  phase: same,
  // The capital is the original's.
  conditions: ['Condition', list(struct({ type: same, status: same }))],
  ...addresses,
  containerStatuses: list(struct({ name: same, ...statusOfContainer })),
});

const inlineStatus = struct({
  phase: ['status', phaseWords],
  conditions: ['Condition', list(struct(conditionNames))],
  ...addresses,
});

/** 0.7.2 told of the container that holds the network, too. */
const networkContainers = new Set(['net', 'POD']);
const info = struct(statusOfContainer);

function encodeInfo(statuses: unknown): Members | undefined {
  if (!Array.isArray(statuses) || !statuses.length) return undefined;
  return Object.fromEntries(statuses.map((one) => [membersOf(one).name, info.encode(one)]));
}

function decodeInfo(old: unknown): unknown {
  if (membersOf(old) !== old) return old ?? undefined;
  const entries = Object.entries(membersOf(old)).filter(([name]) => !networkContainers.has(name));
  return entries.map(([name, one]) => ({ name, ...membersOf(info.decode(one)) }));
}

export function pod(version: OlderVersion): Pair {
  if (!isInline(version)) return struct({ spec: podSpec, status });
  return {
    encode(value) {
      const { spec, status: reported } = membersOf(value);
      const { nodeSelector, nodeName: host } = membersOf(spec);
      return {
        desiredState: encodeDesiredState(version, membersOf(spec)),
        currentState: {
          manifest: emptyManifest,
          ...membersOf(inlineStatus.encode(reported)),
          host,
          info: encodeInfo(membersOf(reported).containerStatuses),
        },
        nodeSelector,
      };
    },
    decode(value) {
      const { desiredState, currentState, nodeSelector } = membersOf(value);
      const spec = { ...decodeDesiredState(version, desiredState), nodeSelector };
      const containerStatuses = decodeInfo(membersOf(currentState).info);
      return { spec, status: { ...membersOf(inlineStatus.decode(currentState)), containerStatuses } };
    },
  };
}
