/** Persistent volumes, and the claims to them. */
import { amountsOf } from './amounts.ts';
import { membersOf, type Pair, same, struct } from './pair.ts';
import type { OlderVersion } from './version.ts';
import { diskSources, oldNames } from './volumes.ts';

export function persistentVolume(version: OlderVersion): Pair {
  const sources = diskSources(version);
  const names = oldNames(sources);
  const spec = struct(
    { capacity: amountsOf(version), ...sources, accessModes: same, claimRef: same },
    {
      // Answers named every source, as those of pods did.
      encode(old) {
        for (const name of names) old[name] ??= null;
      },
    },
  );
  return struct({ spec, status: struct({ phase: same }) });
}

/** The volume that a claim is bound to stood in its status, as a reference; today its name is a part of the spec. */
export function persistentVolumeClaim(version: OlderVersion): Pair {
  const amounts = amountsOf(version);
  const spec = struct({ accessModes: same, resources: struct({ limits: amounts, requests: amounts }) });
  const status = struct({ phase: same, accessModes: same, capacity: amounts });
  return struct(
    { spec, status },
    {
      encode(old, value) {
        const { volumeName: name } = membersOf(value.spec);
        if (name !== undefined)
          old.status = { ...membersOf(old.status), volumeRef: { kind: 'PersistentVolume', name } };
      },
      decode(value, old) {
        const { name } = membersOf(membersOf(old.status).volumeRef);
        if (name !== undefined) value.spec = { ...membersOf(value.spec), volumeName: name };
      },
    },
  );
}
