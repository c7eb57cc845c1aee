import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigMap, Secret } from '../../../../src/core/api/kinds/index.ts';
import type { Volume } from '../../../../src/core/api/types/volume.ts';
import { mountsOf } from '../../../../src/core/kubelet/config/mounts.ts';
import { Volumes } from '../../../../src/core/kubelet/volumes/volumes.ts';
import { type ControlPlane, withControlPlane } from '../../../helpers/control-plane.ts';
import { container, pod } from '../../../helpers/objects.ts';

const place = { hostIP: '172.17.8.101', podIP: '10.244.1.2', capacity: { cpuMillis: 2000, memoryBytes: 2 ** 30 } };

interface Bench {
  dir: string;
  plane: ControlPlane;
  volumes: Volumes;
  setUp(...sources: Volume[]): Promise<void>;
  /** Where the volume is. */
  path(volume: Volume): string;
}

async function withVolumes(body: (bench: Bench) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'volumes-'));
  try {
    await withControlPlane(async (plane) => {
      const volumes = new Volumes(plane.client, dir);
      const podOf = (list: Volume[]) =>
        pod('web', { metadata: { labels: { tier: 'front', app: 'a"b' } }, spec: { volumes: list } });
      await body({
        ...{ dir, plane, volumes },
        setUp: (...list) => volumes.setUp(podOf(list), place),
        path: (volume) => volumes.pathOf(podOf([volume]), volume),
      });
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
const secret = (plane: ControlPlane, stringData: Record<string, string>) =>
  plane.client.create(Secret, { metadata: { name: 'keys', namespace: 'default' }, stringData });
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('an emptyDir is a directory that anyone may write to, and goes with its pod', () =>
  withVolumes(async ({ dir, volumes, setUp, path }) => {
    const scratch = { name: 'scratch', emptyDir: {} };
    await setUp(scratch);
    assert.equal(path(scratch), join(dir, 'pods', 'uid-web', 'volumes', 'kubernetes.io~empty-dir', 'scratch'));
    assert.equal(modeOf(path(scratch)), '777');
    writeFileSync(join(path(scratch), 'kept'), '');
    await setUp(scratch);
    assert.ok(existsSync(join(path(scratch), 'kept')), 'setting up again loses nothing');
    assert.deepEqual([...volumes.pods], ['uid-web']);
    await volumes.remove('uid-web');
    assert.deepEqual([...volumes.pods], []);
    assert.deepEqual(readdirSync(join(dir, 'pods')), []);
  }));

test('pods that an earlier kubelet left are known', () =>
  withVolumes(async ({ dir, plane, setUp }) => {
    await setUp({ name: 'scratch', emptyDir: {} });
    assert.deepEqual([...new Volumes(plane.client, dir).pods], ['uid-web']);
  }));

test('the path of a hostPath is used as it is, and its type is checked', () =>
  withVolumes(async ({ dir, setUp, path }) => {
    const at = (name: string, type: string) => ({ name: 'host', hostPath: { path: join(dir, name), type } });
    assert.equal(path(at('x', '')), join(dir, 'x'));
    await setUp(at('nothing', ''));
    assert.ok(!existsSync(join(dir, 'nothing')));
    await assert.rejects(
      setUp(at('nothing', 'Directory')),
      /volume "host" : hostPath type check failed: .*nothing is not a directory$/,
    );
    await setUp(at('made', 'DirectoryOrCreate'));
    await setUp(at('made', 'Directory'));
    await assert.rejects(setUp(at('made', 'File')), /made is not a file$/);
    await setUp(at('file', 'FileOrCreate'));
    assert.equal(modeOf(join(dir, 'file')), '644');
    await assert.rejects(setUp(at('file', 'Sock')), /Sock is none of Directory, DirectoryOrCreate/);
  }));

test('a secret is a file for each key, with the wished mode, replaced all at once when it changes', () =>
  withVolumes(async ({ plane, setUp, path }) => {
    const stored = await secret(plane, { user: 'admin', token: 'one' });
    const keys = { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o400 } };
    await setUp(keys);
    const file = (name: string) => join(path(keys), name);
    assert.equal(readFileSync(file('user'), 'utf8'), 'admin');
    assert.equal(modeOf(file('token')), '400');

    const content = statSync(file('..data')).ino;
    await setUp(keys);
    assert.equal(statSync(file('..data')).ino, content, 'the same content is not written again');

    await plane.client.update(Secret, { ...stored, data: { token: Buffer.from('two').toString('base64') } });
    await setUp(keys);
    assert.equal(readFileSync(file('token'), 'utf8'), 'two');
    assert.ok(!existsSync(file('user')));
    assert.deepEqual(readdirSync(path(keys)).filter((name) => name.startsWith('..files')).length, 1);
  }));

test('a config map is a file for each key, text or bytes', () =>
  withVolumes(async ({ plane, setUp, path }) => {
    const metadata = { name: 'settings', namespace: 'default' };
    const configMap = await plane.client.create(ConfigMap, {
      metadata,
      data: { 'app.conf': 'é = 1\n' },
      binaryData: { seal: 'AP8=' },
    });
    const settings = { name: 'settings', configMap: { name: 'settings' } };
    await setUp(settings);
    assert.equal(readFileSync(join(path(settings), 'app.conf'), 'utf8'), 'é = 1\n');
    assert.deepEqual([...readFileSync(join(path(settings), 'seal'))], [0, 255]);
    assert.equal(modeOf(join(path(settings), 'seal')), '644');

    await plane.client.update(ConfigMap, { ...configMap, data: { 'app.conf': 'new' } });
    await setUp(settings);
    assert.equal(readFileSync(join(path(settings), 'app.conf'), 'utf8'), 'new');
    await assert.rejects(setUp({ name: 'x', configMap: { name: 'none' } }), /configmap "none" not found$/);
  }));

test('items choose keys, paths and modes', () =>
  withVolumes(async ({ plane, setUp, path }) => {
    await secret(plane, { user: 'admin', token: 'one' });
    const keys = { name: 'keys', secret: { secretName: 'keys', items: [{ key: 'token', path: 'a/b', mode: 0o440 }] } };
    await setUp(keys);
    assert.equal(readFileSync(join(path(keys), 'a/b'), 'utf8'), 'one');
    assert.equal(modeOf(join(path(keys), 'a/b')), '440');
    assert.ok(!existsSync(join(path(keys), 'user')));
    const wrong = { name: 'keys', secret: { secretName: 'keys', items: [{ key: 'none', path: 'x' }] } };
    await assert.rejects(setUp(wrong), /references non-existent key: none/);
    const outside = { name: 'keys', secret: { secretName: 'keys', items: [{ key: 'token', path: '../x' }] } };
    await assert.rejects(setUp(outside), /must stay inside the volume/);
  }));

test('a secret that is not there is named, or empty when it is optional', () =>
  withVolumes(async ({ setUp, path }) => {
    const none = (optional: boolean) => ({ name: 'keys', secret: { secretName: 'none', optional } });
    await assert.rejects(
      setUp(none(false)),
      /^ConfigError: MountVolume.SetUp failed for volume "keys" : secret "none" not found$/,
    );
    await setUp(none(true));
    assert.deepEqual(
      readdirSync(path(none(true))).filter((name) => !name.startsWith('..')),
      [],
    );
  }));

test('the downward API and several sources in one volume', () =>
  withVolumes(async ({ plane, setUp, path }) => {
    await secret(plane, { token: 'one' });
    const items = [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }];
    const all = { name: 'all', projected: { sources: [{ secret: { name: 'keys' } }, { downwardAPI: { items } }] } };
    await setUp(all);
    assert.equal(readFileSync(join(path(all), 'labels'), 'utf8'), 'app="a\\"b"\ntier="front"');
    assert.equal(readFileSync(join(path(all), 'token'), 'utf8'), 'one');
  }));

test('what this kubelet cannot have is named', () =>
  withVolumes(async ({ setUp }) => {
    await assert.rejects(
      setUp({ name: 'far', nfs: { server: 's', path: '/' } }),
      /volume "far" : this kubelet does not know volumes from nfs$/,
    );
    const token = { serviceAccountToken: { path: 'token' } };
    await assert.rejects(
      setUp({ name: 'sa', projected: { sources: [token] } }),
      /does not know projections of serviceAccountToken/,
    );
  }));

test('a machine that runs nothing checks volumes and writes none', () =>
  withControlPlane(async ({ client }) => {
    const volumes = new Volumes(client, undefined);
    const web = pod('web', {
      spec: {
        volumes: [
          { name: 'scratch', emptyDir: {} },
          { name: 'keys', secret: { secretName: 'none' } },
        ],
      },
    });
    await assert.rejects(volumes.setUp(web, place), /secret "none" not found/);
    const input = { pod: web, variables: new Map(), restartCount: 0, hostname: 'web', podIP: undefined };
    const mounted = container({ volumeMounts: [{ name: 'scratch', mountPath: '/s' }] });
    const { mounts } = await mountsOf(volumes, { ...input, container: mounted });
    assert.deepEqual(
      mounts.map((m) => m.containerPath),
      ['/s'],
    );
  }));

test('mounts: a part of a volume, read-only where it has to be, never outside', () =>
  withVolumes(async ({ plane, volumes, path }) => {
    await secret(plane, { token: 'one' });
    const scratch = { name: 'scratch', emptyDir: {} };
    const list = [scratch, { name: 'keys', secret: { secretName: 'keys' } }];
    const web = pod('web', { spec: { volumes: list, hostAliases: [{ ip: '1.2.3.4', hostnames: ['db', 'cache'] }] } });
    await volumes.setUp(web, place);
    const variables = new Map([['WHO', 'me']]);
    const mountsFor = (
      ...volumeMounts: { name: string; mountPath: string; subPath?: string; subPathExpr?: string }[]
    ) =>
      mountsOf(volumes, {
        ...{ pod: web, variables, restartCount: 5, hostname: 'web', podIP: '10.244.1.2' },
        container: container({ volumeMounts, terminationMessagePath: '/dev/last-words' }),
      });

    const { mounts, terminationLog } = await mountsFor(
      { name: 'scratch', mountPath: '/a', subPathExpr: 'of-$(WHO)' },
      { name: 'keys', mountPath: '/keys', subPath: 'token' },
    );
    assert.deepEqual(mounts[0], { hostPath: join(path(scratch), 'of-me'), containerPath: '/a', readOnly: false });
    assert.ok(statSync(join(path(scratch), 'of-me')).isDirectory());
    assert.equal(mounts[1]!.readOnly, true);
    assert.equal(readFileSync(mounts[1]!.hostPath, 'utf8'), 'one');
    assert.deepEqual(mounts[2], { hostPath: terminationLog, containerPath: '/dev/last-words', readOnly: false });
    assert.equal(modeOf(terminationLog!), '666');
    assert.equal(mounts[3]!.containerPath, '/etc/hosts');
    const hosts = readFileSync(mounts[3]!.hostPath, 'utf8').split('\n');
    assert.ok(hosts.includes('10.244.1.2\tweb') && hosts.includes('1.2.3.4\tdb\tcache'));

    symlinkSync('/etc', join(path(scratch), 'link'));
    await assert.rejects(
      mountsFor({ name: 'scratch', mountPath: '/a', subPath: 'link' }),
      /subPath link: leads out of the volume/,
    );
    await assert.rejects(
      mountsFor({ name: 'scratch', mountPath: '/a', subPath: '../x' }),
      /must stay inside the volume/,
    );
  }));
