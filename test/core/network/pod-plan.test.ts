import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node } from '../../../src/core/api/kinds/index.ts';
import { renderMasquerade } from '../../../src/core/network/pod-firewall.ts';
import { type Link, planPodNetwork, type Route } from '../../../src/core/network/pod-plan.ts';
import { routeCommands } from '../../../src/core/network/pod-routes.ts';
import { hardwareAddress } from '../../../src/core/network/pod-tunnel.ts';
import { stored } from '../../helpers/stored.ts';

const nets = { podNet: '10.244.0.0/16', portalNet: '10.0.0.0/16' };
const machine = { name: 'a', address: '172.17.8.101', podCIDR: '10.244.1.0/24', bridge: 'br-0', tunnel: 'kx-test' };
const links: Link[] = [
  { device: 'lo', address: '127.0.0.1', cidr: '127.0.0.1/8' },
  { device: 'docker0', address: '172.17.0.1', cidr: '172.17.0.1/16' },
  { device: 'eth0', address: '172.17.8.101', cidr: '172.17.8.101/24' },
  { device: 'br-0', address: '10.244.1.1', cidr: '10.244.1.1/24' },
];
const portals: Route = { to: '10.0.0.0/16', device: 'br-0', source: '172.17.8.101' };

const node = (
  name: string,
  address: string | undefined,
  podCIDR?: string,
  creationTimestamp = '2026-11-25T10:00:00Z',
) =>
  stored(Node, {
    metadata: { name, creationTimestamp },
    spec: podCIDR ? { podCIDR, podCIDRs: [podCIDR] } : {},
    status: { addresses: address ? [{ type: 'InternalIP', address }] : [] },
  });
const self = node('a', machine.address, machine.podCIDR);
const plan = (...nodes: ReturnType<typeof node>[]) => planPodNetwork([self, ...nodes], machine, nets, links);

test('machines on one link are each other’s gateways', () => {
  assert.deepEqual(plan(node('b', '172.17.8.102', '10.244.2.0/24')), {
    routes: [portals, { to: '10.244.2.0/24', via: '172.17.8.102', device: 'eth0' }],
    neighbours: ['172.17.8.102'],
    tunnelled: [],
    refused: [],
  });
});

test('a machine on no link of ours is reached through the tunnel', () => {
  assert.deepEqual(plan(node('c', '192.0.2.7', '10.244.3.0/24')), {
    routes: [portals, { to: '10.244.3.0/24', via: '192.0.2.7', device: 'kx-test', onlink: true }],
    neighbours: [],
    tunnelled: ['192.0.2.7'],
    refused: [],
  });
});

test('a net of single addresses, as clouds give them, is no link', () => {
  const cloud = [{ device: 'eth0', address: '172.17.8.101', cidr: '172.17.8.101/32' }];
  const { tunnelled } = planPodNetwork([node('b', '172.17.8.102', '10.244.2.0/24')], machine, nets, cloud);
  assert.deepEqual(tunnelled, ['172.17.8.102']);
});

test('of two devices in one net, that of our own address is taken', () => {
  const other = { device: 'eth1', address: '172.17.8.201', cidr: '172.17.8.201/24' };
  const b = node('b', '172.17.8.102', '10.244.2.0/24');
  for (const order of [
    [...links, other],
    [other, ...links],
  ]) {
    assert.equal(planPodNetwork([b], machine, nets, order).routes[1]!.device, 'eth0');
  }
});

test('nodes without a range or an address get no route yet', () => {
  const waiting = plan(node('b', '172.17.8.102'), node('c', undefined, '10.244.3.0/24'));
  assert.deepEqual(waiting, { routes: [portals], neighbours: [], tunnelled: [], refused: [] });
});

test('nobody takes another one’s range, or one outside of the pod net', () => {
  const { routes, refused } = plan(
    node('young', '172.17.8.104', '10.244.2.0/24', '2026-11-25T11:00:00Z'),
    node('old', '172.17.8.102', '10.244.2.0/24'),
    node('thief', '172.17.8.103', '10.244.1.0/25'),
    node('far', '172.17.8.105', '10.9.0.0/24'),
    node('all', '172.17.8.106', '10.0.0.0/8'),
  );
  assert.deepEqual(
    routes.map(({ via }) => via),
    [undefined, '172.17.8.102'],
  );
  assert.deepEqual(refused, [
    'all: its pod range 10.0.0.0/8 is not in 10.244.0.0/16',
    'far: its pod range 10.9.0.0/24 is not in 10.244.0.0/16',
    "thief: its pod range 10.244.1.0/25 is a's already",
    "young: its pod range 10.244.2.0/24 is old's already",
  ]);
});

test('only what differs is told to the kernel; a changed gateway is one replacement', () => {
  const b: Route = { to: '10.244.2.0/24', via: '172.17.8.102', device: 'eth0' };
  const c: Route = { to: '10.244.3.0/24', via: '192.0.2.7', device: 'kx-test', onlink: true };
  assert.deepEqual(routeCommands([portals, b], [portals, b]), []);
  assert.deepEqual(routeCommands([portals, b, c], [{ ...b, via: '172.17.8.9' }]), [
    'route replace 10.0.0.0/16 dev br-0 proto 75 src 172.17.8.101',
    'route replace 10.244.2.0/24 via 172.17.8.102 dev eth0 proto 75',
    'route replace 10.244.3.0/24 via 192.0.2.7 dev kx-test proto 75 onlink',
  ]);
  assert.deepEqual(routeCommands([portals], [portals, c]), [
    'route delete 10.244.3.0/24 via 192.0.2.7 dev kx-test proto 75 onlink',
  ]);
});

test('pods keep their address inside the pod net and to neighbours', () => {
  const text = renderMasquerade('x', machine, nets, { neighbours: ['172.17.8.102'] });
  assert.match(
    text,
    /ip saddr 10\.244\.1\.0\/24 ip daddr != \{ 10\.244\.0\.0\/16, 172\.17\.8\.101, 172\.17\.8\.102 \} oifname != "br-0" masq/,
  );
});

test('a hardware address follows from the address, and is a locally administered one', () => {
  assert.equal(hardwareAddress('172.17.8.101'), '02:6b:ac:11:08:65');
  assert.equal(hardwareAddress('10.0.0.1'), '02:6b:0a:00:00:01');
});
