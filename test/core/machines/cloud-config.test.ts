/** user-data: what coreos-cloudinit -validate says to the same files, and what is read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { formatFinding, notApplied, parseUserData } from '../../../src/core/machines/index.ts';
import { runCli } from '../../helpers/cli.ts';

/** Lines below the first. */
const parse = (...lines: string[]) => parseUserData(`#cloud-config\n${lines.join('\n')}\n`);
const findingsOf = (...lines: string[]) => parse(...lines).findings.map(formatFinding);

test('the kind of a file is told by its first line', () => {
  const kinds: Record<string, string> = {
    '': 'empty',
    '#cloud-config': 'cloud-config',
    '#cloud-config \t\r\nhostname: a': 'cloud-config',
    '#!/bin/sh\necho': 'script',
    '{"ignitionVersion": 1}': 'ignition',
    '{"ignition": {"version": "2.0.0"}}': 'ignition',
    '{"hostname": "a"}': 'unknown',
    '\n#cloud-config': 'unknown',
    ' #cloud-config': 'unknown',
    '# cloud-config': 'unknown',
    '#Cloud-Config': 'unknown',
    'hostname: a': 'unknown',
  };
  for (const [text, kind] of Object.entries(kinds)) {
    const data = parseUserData(text);
    assert.equal(data.kind, kind, JSON.stringify(text));
    const wrong = kind === 'unknown' ? ['line 1: error: must be "#cloud-config" or begin with "#!"'] : [];
    assert.deepEqual(data.findings.map(formatFinding), wrong);
  }
  assert.equal(parseUserData(gzipSync('#cloud-config\nhostname: a\n')).config.hostname, 'a');
  assert.match(parseUserData(Buffer.from([0x1f, 0x8b, 1])).findings[0]!.message, /gzip/);
  assert.match(parseUserData('#'.repeat(2 ** 21)).findings[0]!.message, /larger than 1048576 bytes/);
});

const cases: [name: string, lines: string[], findings: string[]][] = [
  [
    'unknown keys: what is allowed',
    ['foo: 1', 'coreos:', '  units:', '  - foo: x', '    name: a'],
    [
      'line 2: warning: unrecognized key "foo" (allowed: coreos, hostname, ssh_authorized_keys, users, write_files, manage_etc_hosts)',
      'line 5: warning: coreos.units[0]: unrecognized key "foo" (allowed: name, content, runtime, enable, mask, command, drop_ins)',
    ],
  ],
  [
    'a key with a typing mistake',
    ['coreos:', '  etcd2:', '    discovry: http://a/b'],
    ['line 4: warning: coreos.etcd2: unrecognized key "discovry" (did you mean "discovery"?)'],
  ],
  [
    "the handbook's form without its indentation",
    ['coreos:', 'etcd:', 'discovery: https://discovery.etcd.io/x'],
    [
      'line 2: warning: coreos: incorrect type (want struct)',
      'line 3: warning: unrecognized key "etcd" (it belongs under coreos)',
      'line 4: warning: unrecognized key "discovery" (it belongs under coreos.etcd or under coreos.etcd2)',
    ],
  ],
  [
    'keys of another place',
    ['coreos:', '  write_files: []', '  etcd:', '    initial-cluster: a=http://b'],
    [
      'line 3: warning: coreos: unrecognized key "write_files" (it belongs at the top level)',
      'line 5: warning: coreos.etcd: unrecognized key "initial-cluster" (it belongs under coreos.etcd2)',
    ],
  ],
  [
    'wrong types',
    [
      'hostname:',
      'users: core',
      'ssh_authorized_keys: key',
      'write_files:',
      '- text',
      'coreos:',
      '  etcd:',
      '    snapshot_count: many',
    ],
    [
      'line 2: warning: hostname: incorrect type (want string)',
      'line 3: warning: users: incorrect type (want []struct)',
      'line 4: warning: ssh_authorized_keys: incorrect type (want []string)',
      'line 6: warning: write_files[0]: incorrect type (want struct)',
      'line 6: error: write_files[0]: a file needs a path',
      'line 9: warning: coreos.etcd.snapshot_count: incorrect type (want int)',
    ],
  ],
  [
    'values outside their list',
    [
      'coreos:',
      '  units:',
      '  - name: a.service',
      '    command: run',
      '    enable: "yes"',
      '  update:',
      '    reboot-strategy: false',
    ],
    [
      'line 5: error: coreos.units[0].command: invalid value run (allowed: start, stop, restart, reload, try-restart, reload-or-restart, reload-or-try-restart)',
      'line 6: warning: coreos.units[0].enable: incorrect type (want bool)',
      'line 8: error: coreos.update.reboot_strategy: invalid value false (allowed: best-effort, etcd-lock, reboot, off)',
    ],
  ],
  [
    'patterns',
    [
      'coreos:',
      '  locksmith:',
      '    window_start: Thursday 4',
      '    window-length: long',
      'write_files:',
      '- path: /a',
      '  permissions: rwx',
    ],
    [
      'line 4: error: coreos.locksmith.window_start: invalid value Thursday 4 (such as Thu 23:00)',
      'line 5: error: coreos.locksmith.window_length: invalid value long (such as 1h30m)',
      'line 8: error: write_files[0].permissions: invalid value rwx (such as 0644)',
    ],
  ],
  [
    'files',
    [
      'write_files:',
      '- path: /usr/bin/x',
      '- content: x',
      '- path: /a',
      '  encoding: base64',
      '  content: "%"',
      '- path: /b',
      '  encoding: zip',
    ],
    [
      'line 3: error: write_files[0].path: file cannot be written to a read-only filesystem',
      'line 4: error: write_files[1]: a file needs a path',
      'line 7: error: write_files[2].content: content cannot be decoded as "base64"',
      'line 9: error: write_files[3].encoding: invalid value zip (allowed: b64, base64, gz, gzip, gz+base64, gzip+base64, gz+b64, gzip+b64)',
    ],
  ],
  [
    'what the original skips without a word',
    ['users:', '- shell: sh', 'coreos:', '  units:', '  - command: start', '  fleet:', '    metadata: a=b,disk'],
    [
      'line 3: warning: users[0]: a user without a name is skipped',
      'line 6: warning: coreos.units[0]: a unit without a name is skipped',
      'line 8: warning: coreos.fleet.metadata: "disk" is ignored (such as region=us-west,disk=ssd)',
    ],
  ],
  [
    'discovery and hosts',
    [
      'hostname: "a b"',
      'manage_etc_hosts: true',
      'coreos:',
      '  etcd:',
      '    discovery: token',
      '  etcd2:',
      '    discovery: $public_ipv4',
    ],
    [
      'line 2: error: hostname: invalid value a b (allowed: letters, digits, - and ., 64 at most)',
      'line 3: error: manage_etc_hosts: invalid value true (allowed: localhost)',
      'line 6: warning: coreos.etcd.discovery: discovery URL is not valid (such as http://127.0.0.1:8087/TOKEN)',
      'line 8: warning: coreos.etcd2.discovery: discovery URL is not valid (such as http://127.0.0.1:8087/TOKEN)',
    ],
  ],
  ['no YAML', ['a: b: c'], ['line 2: error: Nested mappings are not allowed in compact mappings']],
  ['a list', ['- a'], ['line 2: warning: incorrect type (want struct)']],
  ['two documents', ['hostname: a', '---', 'hostname: b'], ['line 3: warning: only the first document is read']],
];

for (const [name, lines, findings] of cases) {
  test(`wrong: ${name}`, () => assert.deepEqual(findingsOf(...lines), findings));
}

test('aliases cannot make a small file endless', () => {
  const wide = ['users:', '- &a', '  groups: &g', ...Array.from({ length: 1000 }, () => '  - x')];
  const found = findingsOf(...wide, ...Array.from({ length: 1000 }, (_, i) => `- {name: u${i}, groups: *g}`));
  assert.deepEqual(found, ['line 1: error: more than 100000 values']);
});

test('what is right is read, whatever YAML takes it for', () => {
  const data = parse(
    'hostname: 12',
    'write_files:',
    '  - path: /a',
    '    permissions: 0644',
    '    content: 1.50',
    '  - {path: /b, permissions: "0600", owner: "root:root"}',
    'ssh-authorized-keys: [a, b]',
    'hostname: core-01',
    'coreos:',
    '  update: {reboot-strategy: off}',
    '  locksmith: {window_start: Thu 04:00, window_length: 1h30m}',
    '  etcd: {discovery: "https://discovery.etcd.io/x", snapshot: yes, cluster_remove_delay: 2.5}',
    '  units:',
    '    - name: docker.service',
    '      drop-ins: [{name: 50.conf, content: "[Service]"}]',
    '      command: start',
    '      enable: true',
  );
  assert.deepEqual(data.findings, []);
  assert.deepEqual(data.config, {
    hostname: 'core-01',
    write_files: [
      { path: '/a', permissions: '0644', content: '1.50' },
      { path: '/b', permissions: '0600', owner: 'root:root' },
    ],
    ssh_authorized_keys: ['a', 'b'],
    coreos: {
      update: { reboot_strategy: 'off' },
      locksmith: { window_start: 'Thu 04:00', window_length: '1h30m' },
      etcd: { discovery: 'https://discovery.etcd.io/x', snapshot: true, cluster_remove_delay: 2.5 },
      units: [
        {
          name: 'docker.service',
          drop_ins: [{ name: '50.conf', content: '[Service]' }],
          command: 'start',
          enable: true,
        },
      ],
    },
  });
  const left = notApplied(data, 'isolated').map(({ key, line }) => `${line} ${key}`);
  assert.deepEqual(left, [
    '8 ssh_authorized_keys',
    '11 coreos.update.reboot_strategy',
    '12 coreos.locksmith.window_start',
    '12 coreos.locksmith.window_length',
    '13 coreos.etcd.snapshot',
    '13 coreos.etcd.cluster_remove_delay',
    '15 coreos.units[0]',
  ]);
});

test('addresses are put into the text before it is YAML', () => {
  const known = { public_ipv4: '203.0.113.29', private_ipv4: '10.0.0.1' };
  const braces = `$\{public_ipv4}`;
  const hosts: Record<string, string> = {
    'http://$public_ipv4:2379': 'http://203.0.113.29:2379',
    '\\$public_ipv4': '$public_ipv4',
    '$public_ipv4,$private_ipv4,$public_ipv4': '203.0.113.29,10.0.0.1,203.0.113.29',
    $public_ipv4$public_ipv4: '203.0.113.29$public_ipv4',
    $public_ipv44: '203.0.113.294',
    [braces]: braces,
    $PUBLIC_IPV4: '$PUBLIC_IPV4',
    x$public_ipv6: 'x',
  };
  for (const [written, expected] of Object.entries(hosts)) {
    const text = `#cloud-config\ncoreos: {etcd2: {name: '${written}'}}\n`;
    assert.equal(parseUserData(text, known).config.coreos?.etcd2?.name, expected);
    assert.equal(parseUserData(text).config.coreos?.etcd2?.name, written);
  }
});

test('cloud-config validate: findings and notes on stdout, exit code, JSON', async () => {
  const run = (stdin: string, ...flags: string[]) => runCli(['cloud-config', 'validate', '-', ...flags], { stdin });
  const good = await run('#cloud-config\nhostname: a\ncoreos:\n  update: {group: beta}\n');
  assert.deepEqual(good, {
    code: 0,
    stdout: 'line 4: note: coreos.update.group: not applied to local machines\nvalid: a cloud-config\n',
    stderr: '',
  });
  const bad = await run('#cloud-config\nhostnam: a\n');
  assert.equal(bad.code, 1);
  assert.equal(bad.stdout, 'line 2: warning: unrecognized key "hostnam" (did you mean "hostname"?)\n');
  assert.equal(bad.stderr, 'error: - is not valid user-data\n');
  const json = await run('#cloud-config\nhostnam: a\n', '-o', 'json');
  const { valid, findings } = JSON.parse(json.stdout) as { valid: boolean; findings: object[] };
  assert.deepEqual([json.code, valid, findings.length], [1, false, 1]);
  const missing = await runCli(['cloud-config', 'validate', '/nowhere/user-data']);
  assert.deepEqual([missing.code, /no such file/.test(missing.stderr)], [1, true]);
});
