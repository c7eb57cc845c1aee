/** What a cloud-config does to the files of a machine, and that nothing leads out of its root. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
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
import { afterEach, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { apply, parseUserData } from '../../../src/core/machines/index.ts';

let folder: string;
let root: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubecfg-apply-'));
  root = join(folder, 'root');
  mkdirSync(root);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const addresses = { public_ipv4: '172.17.8.101', private_ipv4: '172.17.8.101' };
const run = (yaml: string) =>
  apply(parseUserData(`#cloud-config\n${yaml}`, addresses), { root, hostname: 'core-01', addresses });
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const modeOf = (path: string) => (statSync(join(root, path)).mode & 0o7777).toString(8);

test('hostname, hosts, environment, and files in all encodings', async () => {
  const packed = gzipSync('packed').toString('base64');
  const { files, left, hostname } = await run(`
manage_etc_hosts: localhost
write_files:
  - {path: /etc/motd, content: "at $private_ipv4\\n"}
  - {path: opt/bin/run, permissions: 755, content: IyEvYmluL3No, encoding: b64}
  - {path: /opt/packed, permissions: "0600", content: ${packed}, encoding: gzip+base64}
coreos: {units: [{name: a.service}]}
`);
  assert.equal(hostname, 'core-01');
  assert.deepEqual(files, [
    '/etc/hostname',
    '/etc/motd',
    '/opt/bin/run',
    '/opt/packed',
    '/etc/hosts',
    '/etc/environment',
  ]);
  assert.deepEqual(left, [{ key: 'coreos.units[0]', line: 8 }]);
  assert.equal(read('etc/hostname'), 'core-01\n');
  assert.equal(read('etc/hosts'), '127.0.0.1 core-01\n');
  assert.equal(read('etc/environment'), 'COREOS_PUBLIC_IPV4=172.17.8.101\nCOREOS_PRIVATE_IPV4=172.17.8.101\n');
  assert.deepEqual([read('etc/motd'), modeOf('etc/motd')], ['at 172.17.8.101\n', '644']);
  assert.deepEqual([read('opt/bin/run'), modeOf('opt/bin/run'), modeOf('opt/bin')], ['#!/bin/sh', '755', '755']);
  assert.deepEqual([read('opt/packed'), modeOf('opt/packed')], ['packed', '600']);
});

test('a second time changes nothing, a name in the file wins, and the user has the last word on the environment', async () => {
  const yaml = 'hostname: db\nwrite_files: [{path: /etc/environment, content: "A=1"}]\n';
  await run(yaml);
  const first = readdirSync(join(root, 'etc'));
  await run(yaml);
  assert.deepEqual(readdirSync(join(root, 'etc')), first);
  assert.deepEqual([read('etc/hostname'), read('etc/environment')], ['db\n', 'A=1']);
});

test('no path and no link leads out of the root', async () => {
  const outside = join(folder, 'outside');
  mkdirSync(outside);
  writeFileSync(join(folder, 'secret'), 'untouched');
  mkdirSync(join(root, 'a'));
  symlinkSync(outside, join(root, 'absolute'));
  symlinkSync('../../../../..', join(root, 'a', 'up'));
  symlinkSync(join(folder, 'secret'), join(root, 'file'));
  await run(`
write_files:
  - {path: /../../outside/1, content: x}
  - {path: /absolute/2, content: x}
  - {path: /a/up/outside/3, content: x}
  - {path: /file, content: x}
`);
  assert.deepEqual(readdirSync(outside), []);
  assert.equal(readFileSync(join(folder, 'secret'), 'utf8'), 'untouched');
  // Links mean what they mean to the machine.
  assert.ok(existsSync(join(root, outside, '2')));
  assert.deepEqual([read('outside/1'), read('outside/3'), read('file')], ['x', 'x', 'x']);
});

test('a file that cannot be written is named, and leaves nothing half-written', async () => {
  symlinkSync('loop', join(root, 'loop'));
  mkdirSync(join(root, 'dir'));
  writeFileSync(join(root, 'plain'), '');
  await assert.rejects(run('write_files: [{path: /loop/x}]'), /^Error: \/loop\/x: too many symbolic links/);
  await assert.rejects(run('write_files: [{path: /dir}]'), /^Error: \/dir: .*directory/);
  await assert.rejects(run('write_files: [{path: /plain/x}]'), /\/plain\/x: .*not a directory/);
  await assert.rejects(run('write_files: [{path: /x, owner: nobody-here}]'), /\/x: there is no user "nobody-here"/);
  assert.deepEqual(readdirSync(root).sort(), ['dir', 'etc', 'loop', 'plain']);
});

test("owners are looked up in the machine's own files", async () => {
  const { uid, gid } = statSync(root);
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/passwd'), `core:x:${uid}:500::/home/core:/bin/sh\n`);
  writeFileSync(join(root, 'etc/group'), `docker:x:${gid}:\n`);
  await run('write_files: [{path: /x, owner: "core:docker"}]');
  assert.deepEqual([statSync(join(root, 'x')).uid, statSync(join(root, 'x')).gid], [uid, gid]);
});
