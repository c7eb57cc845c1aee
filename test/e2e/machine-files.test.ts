/** `up` with CoreOS's user-data and Vagrant's config.rb. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Program } from '../helpers/program.ts';

const program = new Program();
after(() => program.remove());

function file(name: string, ...lines: string[]): string {
  const path = join(program.folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const up = (...flags: string[]) => ['up', ...program.local, '--runtime', 'hollow', '--port', '0', ...flags];
const machines = () => program.ok('list-machines', ...program.local, '--no-legend', '--fields=ip,metadata');

test('a wrong file is refused with line and key, and nothing is made', async () => {
  const cases: [flag: string, path: string, message: RegExp][] = [
    ['--user-data', file('no-config', 'hostname: a'), /line 1: error: must be "#cloud-config"/],
    ['--user-data', file('bad', '#cloud-config', 'coreos:', '  flet: {}'), /line 3: warning: coreos: .*"fleet"/],
    ['--user-data', file('script', '#!/bin/sh'), /is a script, not a cloud-config/],
    ['--user-data', join(program.folder, 'missing'), /no such file/],
    ['--config', file('bad.rb', '', '$num_instances = many'), /line 2: error: \$num_instances: is not a literal/],
  ];
  for (const [flag, path, message] of cases) {
    const { code, stderr } = await program.run(up(flag, path));
    assert.equal(code, 1, path);
    assert.match(stderr, message);
    assert.equal(existsSync(program.dataDir), false, path);
  }
});

test('number, names and metadata come from the files; what is not applied is listed', async () => {
  const config = file('config.rb', '$num_instances=2', '$instance_name_prefix="web"', '$vm_memory = 512');
  const fleet = ['  fleet:', '    public-ip: $public_ipv4', '    metadata: region=us-west,ip=$private_ipv4'];
  const userData = file('user-data', '#cloud-config', 'hostname: db', 'coreos:', ...fleet);
  const said = await program.ok(...up('--user-data', userData, '--config', config));
  assert.match(said, /config\.rb:3: \$vm_memory: not applied\n/);
  assert.match(said, /user-data:2: hostname: not applied to machines that share this host\n/);
  assert.doesNotMatch(said, /public_ip/);
  assert.match(said, /==> web-01: ready/);
  const rows = (await machines()).trimEnd().split('\n').sort();
  const address = rows[0]!.split('\t')[0]!;
  assert.equal(rows.length, 2);
  assert.equal(rows[0], `${address}\tip=${address},region=us-west`);

  const other = file('other', '#cloud-config', 'coreos: {fleet: {metadata: disk=ssd}}');
  const { code, stderr } = await program.run(up('--user-data', other));
  assert.deepEqual([code, /'halt' cluster .* first/.test(stderr)], [1, true]);
  await program.ok('halt', ...program.local);
  await program.ok(...up('--user-data', other, '--num-instances', '3'));
  const after = (await machines()).trimEnd().split('\n');
  assert.deepEqual(
    after.map((row) => row.split('\t').at(-1)),
    ['disk=ssd', 'disk=ssd', 'disk=ssd'],
  );
  await program.ok('halt', ...program.local);
  const wrong = await program.run(up('--config', file('core.rb', '$instance_name_prefix="core"')));
  assert.match(wrong.stderr, /was made with machinePrefix web, not core/);
});
