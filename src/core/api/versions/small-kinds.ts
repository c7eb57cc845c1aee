/** Namespaces, secrets, events, bindings and component statuses: kinds that hardly changed. */
import { list, membersOf, type Pair, same, struct } from './pair.ts';
import { conditionWords } from './pod.ts';
import { isInline, type OlderVersion } from './version.ts';

export const namespace = (): Pair => struct({ spec: struct({ finalizers: same }), status: struct({ phase: same }) });

export const secret = (): Pair => struct({ data: same, type: same });

const happening = {
  involvedObject: same,
  reason: same,
  message: same,
  firstTimestamp: same,
  lastTimestamp: same,
  count: same,
};

export function event(version: OlderVersion): Pair {
  if (!isInline(version)) return struct({ ...happening, source: struct({ component: same, host: same }) });
  return struct(happening, {
    encode(old, { source }) {
      const { component, host } = membersOf(source);
      Object.assign(old, { source: component, host });
    },
    decode(value, { source: component, host, timestamp }) {
      value.source = { component, host };
      // One time was all that 0.7.2 had.
      value.firstTimestamp ??= timestamp;
      value.lastTimestamp ??= timestamp;
    },
  });
}

/** What a pod is bound to is a node whatever it was called. */
const targetKind: Pair = { encode: (value) => value, decode: (old) => (old === 'Minion' ? 'Node' : old) };

export function binding(version: OlderVersion): Pair {
  if (!isInline(version)) return struct({ target: struct({ kind: targetKind, name: same }) });
  return {
    encode(value) {
      const { metadata, target } = membersOf(value);
      return { podID: membersOf(metadata).name, host: membersOf(target).name };
    },
    decode(old) {
      const { podID, host } = membersOf(old);
      return { metadata: { name: podID }, target: { kind: 'Node', name: host } };
    },
  };
}

/** Where nothing was wrong, the error said so. */
const noError = 'nil';

export function componentStatus(version: OlderVersion): Pair {
  const condition = struct(
    { type: same, status: isInline(version) ? conditionWords : same, message: same, error: same },
    {
      encode(old) {
        old.error ??= noError;
      },
      decode(value) {
        if (value.error === noError) delete value.error;
      },
    },
  );
  return struct({ conditions: list(condition) });
}
