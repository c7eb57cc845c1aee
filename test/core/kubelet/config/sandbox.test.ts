import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '../../../../src/core/api/types/pod.ts';
import { sandboxConfig } from '../../../../src/core/kubelet/config/sandbox.ts';
import { container, pod } from '../../../helpers/objects.ts';

const clusterDNS = { address: '10.0.0.10', domain: 'cluster.local' };
const of = (spec: Partial<PodSpec>, name = 'web') => sandboxConfig(pod(name, { spec }), '10.244.1.2', clusterDNS);

test('only ports with a hostPort are published, and none with the network of the host', () => {
  const containers = [
    container({ ports: [{ containerPort: 80 }, { containerPort: 53, hostPort: 5353, protocol: 'UDP' }] }),
  ];
  assert.deepEqual(of({ containers }).ports, [{ containerPort: 53, hostPort: 5353, hostIP: '', protocol: 'UDP' }]);
  assert.deepEqual(of({ containers, hostNetwork: true }).ports, []);
});

test('the host name is the pod name as far as the kernel takes it', () => {
  assert.equal(of({}).hostname, 'web');
  assert.equal(of({ hostname: 'db-0' }).hostname, 'db-0');
  assert.equal(of({}, `${'a'.repeat(62)}-bcd`).hostname, 'a'.repeat(62));
});

test('resolvers by policy', () => {
  assert.deepEqual(of({}).dns, {
    nameservers: ['10.0.0.10'],
    searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
    options: ['ndots:5'],
  });
  assert.equal(of({ dnsPolicy: 'Default' }).dns, undefined);
  assert.equal(of({ hostNetwork: true }).dns, undefined);
  assert.equal(of({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }).dns?.nameservers[0], '10.0.0.10');
  const dnsConfig = { nameservers: ['1.1.1.1'], options: [{ name: 'timeout', value: '1' }, { name: 'rotate' }] };
  assert.deepEqual(of({ dnsPolicy: 'None', dnsConfig }).dns, {
    nameservers: ['1.1.1.1'],
    searches: [],
    options: ['timeout:1', 'rotate'],
  });
});

test('without a DNS service the host resolves', () => {
  assert.equal(sandboxConfig(pod('web'), undefined, undefined).dns, undefined);
});
