import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCidr, parseCidr } from '../../../src/core/api/cidr.ts';
import { interfaceName } from '../../../src/core/network/interface-name.ts';
import { following, freeRange, routedRanges } from '../../../src/core/network/subnets.ts';

test('the first range that overlaps nothing in use is taken', () => {
  const used = [parseCidr('10.0.0.0/16')!, parseCidr('10.1.200.0/24')!];
  assert.equal(freeRange(following('10.0.0.0/16', 5), used, 'portal net'), '10.2.0.0/16');
});

test('no free range is an error that names what was tried', () => {
  const used = [parseCidr('10.0.0.0/8')!];
  assert.throws(
    () => freeRange(following('10.0.0.0/16', 2), used, 'portal net'),
    /portal net: .*10\.0\.0\.0\/16, 10\.1\.0\.0\/16/,
  );
});

test('routes are read from the kernel table, the default route is none', () => {
  const table = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
  ].join('\n');
  assert.deepEqual(routedRanges(table).map(formatCidr), ['172.17.0.0/16', '192.0.2.0/24']);
});

test('interface names of long cluster names fit in 15 characters and stay apart', () => {
  assert.equal(interfaceName('kc', 'dev'), 'kc-dev');
  const [a, b] = [interfaceName('kc', 'a-long-cluster-name-1'), interfaceName('kc', 'a-long-cluster-name-2')];
  assert.ok(a.length <= 15 && b.length <= 15);
  assert.notEqual(a, b);
});
