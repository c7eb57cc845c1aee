/** Volumes: before v1beta3 the source was a member of its own, and two of the sources had other names. */
import { list, membersOf, type Pair, type Rules, same, struct } from './pair.ts';
import { isInline, type OlderVersion } from './version.ts';

const disk = { fsType: same, partition: same, readOnly: same };
const hostPath = struct({ path: same });
const gcePersistentDisk = struct({ pdName: same, ...disk });

/** Sources that volumes of pods and persistent volumes share, apart from the name of the host's. */
export function diskSources(version: OlderVersion): Rules {
  return {
    hostPath,
    gcePersistentDisk: isInline(version) ? ['persistentDisk', gcePersistentDisk] : gcePersistentDisk,
    awsElasticBlockStore: struct({ volumeID: same, ...disk }),
    nfs: struct({ server: same, path: same, readOnly: same }),
    glusterfs: struct({ endpoints: same, path: same, readOnly: same }),
  };
}

/** A reference to the secret as an object, of which only the name was kept. */
const secretTarget: Pair = {
  encode: (value) => ({ target: { kind: 'Secret', name: membersOf(value).secretName } }),
  decode: (old) => ({ secretName: membersOf(membersOf(old).target).name }),
};

function podSources(version: OlderVersion): Rules {
  const inline = isInline(version);
  return {
    ...diskSources(version),
    ...(inline && { hostPath: ['hostDir', hostPath] as const }),
    emptyDir: struct({ medium: same }),
    gitRepo: struct({ repository: same, revision: same }),
    secret: inline ? secretTarget : struct({ secretName: same }),
    iscsi: struct({ targetPortal: same, iqn: same, lun: same, fsType: same, readOnly: same }),
    persistentVolumeClaim: struct({ claimName: same, readOnly: same }),
  };
}

export function volumes(version: OlderVersion): Pair {
  const source = withUnusedSources(podSources(version));
  const inline = isInline(version);
  return list({
    encode(value) {
      const { name } = membersOf(value);
      const encoded = membersOf(source.encode(value));
      return inline ? { name, source: encoded } : { name, ...encoded };
    },
    decode(old) {
      const { name, source: own } = membersOf(old);
      return { name, ...membersOf(source.decode(inline ? own : old)) };
    },
  });
}

/** Answers name every source, null where it is not the one; that of claims, which came last, only where it is. */
function withUnusedSources(rules: Rules): Pair {
  const names = oldNames(rules);
  return struct(rules, {
    encode(old) {
      for (const name of names) if (name !== 'persistentVolumeClaim') old[name] ??= null;
    },
  });
}

/** What the members of `rules` are called in the old version. */
export function oldNames(rules: Rules): string[] {
  return Object.entries(rules).map(([name, rule]) => ('encode' in rule ? name : rule[0]));
}
