/** Reads every import under src and holds it against the levels of ARCHITECTURE.md: downward only, no siblings. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(process.env['KUBECFG_ROOT'] ?? '.', 'src');

const levels: Record<string, number> = {
  'core/async': 0,
  'core/api': 1,
  'core/pki': 2,
  'core/store': 2,
  'core/runtime': 2,
  'core/client': 2,
  'core/reconcile': 3,
  'core/apiserver': 4,
  'core/scheduler': 4,
  'core/controllers': 4,
  'core/kubelet': 4,
  'core/proxy': 4,
  'core/network': 4,
  'core/machines': 4,
  'core/cluster': 5,
  'core/cli': 6,
  commands: 7,
};

/** Imports that a level would allow and the design does not, with the reason. */
const bans: { from: RegExp; to: RegExp; because: string }[] = [
  {
    from: /^core\/(scheduler|controllers|kubelet|proxy)/,
    to: /^core\/store/,
    because: 'only the API server talks to the store; loops see the client',
  },
  {
    from: /^core\/(scheduler|controllers|proxy)/,
    to: /^core\/runtime/,
    because: 'only the kubelet runs containers',
  },
  {
    from: /^core\/client/,
    to: /^core\/(store|runtime)/,
    because: 'a client knows the API, not what stands behind it',
  },
];

/** Packages that one folder wraps for all others. */
const owners: Record<string, RegExp> = {
  '@peculiar/x509': /^core\/pki\//,
  dockerode: /^core\/runtime\/docker\//,
  lmdb: /^core\/store\//,
  etcd3: /^core\/store\/etcd\//,
  '@oclif/core': /^(commands|core\/cli)\//,
  chalk: /^(commands|core\/cli)\//,
};

function* sources(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

function* imports(file: string): Generator<string> {
  const text = readFileSync(file, 'utf8');
  for (const m of text.matchAll(/(?:from\s+|import\s*\(\s*|^import\s+)'([^']+)'/gm)) yield m[1]!;
}

const folderOf = (path: string) => Object.keys(levels).find((folder) => path.startsWith(`${folder}/`));

test('imports go down the levels and never sideways', () => {
  const wrong: string[] = [];
  for (const file of sources(root)) {
    const from = relative(root, file);
    const folder = folderOf(from);
    if (!folder) continue;
    for (const spec of imports(file)) {
      if (!spec.startsWith('.')) {
        const owner = Object.entries(owners).find(([name]) => spec === name || spec.startsWith(`${name}/`));
        if (owner && !owner[1].test(from)) wrong.push(`${from} imports ${spec}: only ${owner[1].source} may`);
        continue;
      }
      const to = relative(root, resolve(dirname(file), spec));
      const target = folderOf(to);
      if (!target || target === folder) continue;
      if (levels[target]! >= levels[folder]!) {
        wrong.push(`${from} imports ${to}: ${folder} (level ${levels[folder]}) may only look below itself`);
      }
      for (const ban of bans) {
        if (ban.from.test(from) && ban.to.test(to)) wrong.push(`${from} imports ${to}: ${ban.because}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});
