/** Vagrant's config.rb: literal assignments are read, code is told of and never run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding, parseConfigRb } from '../../../src/core/machines/index.ts';

/** The shape of coreos-vagrant's sample. */
const sample = `# Size of the cluster
$num_instances=3

$new_discovery_url="https://discovery.etcd.io/new?size=#{$num_instances}"

if File.exists?('user-data') && ARGV[0].eql?('up')
  require 'yaml'
  if true
    $num_instances = 9
  end
  File.open('user-data', 'w') { |file| file.write("x") }
end

$instance_name_prefix="web" # names
$update_channel='alpha'
#$vm_memory = 1024
$shared_folders = {
  '/home/x' => '/y', # a folder
  "b" => "c",
}
$forwarded_ports = { 80 => 8080, a: [1, 2.5, nil, :up] }
$expose_docker_tcp=2375
`;

test('the sample', () => {
  const { numInstances, instanceNamePrefix, findings, left } = parseConfigRb(sample);
  assert.deepEqual(
    { numInstances, instanceNamePrefix, findings },
    {
      numInstances: 3,
      instanceNamePrefix: 'web',
      findings: [],
    },
  );
  assert.deepEqual(
    left.map(({ line, key }) => `${line} ${key}`),
    [
      '4 $new_discovery_url',
      '6 the code from line 6 on',
      '15 $update_channel',
      '17 $shared_folders',
      '21 $forwarded_ports',
      '22 $expose_docker_tcp',
    ],
  );
});

test('an empty file asks for nothing', () => {
  assert.deepEqual(parseConfigRb('# nothing\n\n'), { findings: [], left: [] });
});

test('what is wrong is named by line', () => {
  const cases: Record<string, string> = {
    '$num_instances=abc': 'line 1: error: $num_instances: is not a literal; code is not run',
    '$num_instances = ENV["N"].to_i': 'line 1: error: $num_instances: is not a literal; code is not run',
    '$num_instances = 1 if true': 'line 1: error: $num_instances: is not a literal; code is not run',
    '$num_instances = 1 + 1': 'line 1: error: $num_instances: is not a literal; code is not run',
    '$num_instances = "3"': 'line 1: error: $num_instances: must be an integer, not "3"',
    '$num_instances = 2.5': 'line 1: error: $num_instances: must be an integer, not 2.5',
    '$num_instances = 0': 'line 1: error: $num_instances: must be at least 1, not 0',
    '\n$instance_name_prefix = "a_b"':
      'line 2: error: $instance_name_prefix: must be of a-z, 0-9 and -, begin with a letter and end with no -, not "a_b"',
    '$instance_name_prefix = "a#{`id`}"': 'line 1: error: $instance_name_prefix: is not a literal; code is not run',
    '$shared_folders = {': 'line 1: error: $shared_folders: is not a literal; code is not run',
    '$vm_gui = nil': 'line 1: error: $vm_gui: must be a boolean, not null',
  };
  for (const [text, finding] of Object.entries(cases)) {
    assert.deepEqual(parseConfigRb(text).findings.map(formatFinding), [finding]);
  }
});

test('a later assignment wins', () => {
  assert.equal(parseConfigRb('$num_instances = 1\n$num_instances = 12;\n').numInstances, 12);
});
