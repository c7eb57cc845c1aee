/** Hosts without a common link: their pods reach each other through the tunnel. Needs root, iproute2, nft and busybox. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PodHosts } from '../helpers/pod-hosts.ts';
import { waitFor } from '../helpers/wait.ts';

const hosts = new PodHosts();
const { a, b } = hosts;

/** Says who asks, and then more than one packet holds. */
const server = `
const answer = (socket) => socket.end(socket.remoteAddress + '\\n' + 'x'.repeat(200000));
require('node:net').createServer(answer).listen(8080, '0.0.0.0');`;

async function ask(from: string, address: string): Promise<string> {
  const answer = await hosts.in(from, 'busybox', 'nc', '-w', '3', address, '8080');
  const [line = '', rest] = answer.split('\n');
  assert.equal(rest?.length, 200_000);
  return line;
}

before(async () => {
  await hosts.make();
  for (const where of [a.pod.namespace, b.pod.namespace, b.namespace])
    hosts.start(where, process.execPath, '-e', server);
  for (const host of [a, b]) hosts.setNodes(host, [a, b]);
  await waitFor(() => ask(a.pod.namespace, b.pod.address), { withinMs: 20_000 });
});
after(() => hosts.remove());

test('pods reach each other from their own address, whatever lies between', async () => {
  assert.equal(await ask(a.pod.namespace, b.pod.address), a.pod.address);
  assert.equal(await waitFor(() => ask(b.pod.namespace, a.pod.address)), b.pod.address);
});

test('a host reaches pods from its end of the bridge, so that answers come back through the tunnel', async () => {
  assert.equal(await ask(a.namespace, b.pod.address), '10.244.1.1');
});

test('hosts that know no way back see the address of the pod’s host', async () => {
  assert.equal(await ask(a.pod.namespace, b.address), a.address);
});

test('a tunnel that somebody deletes comes back with its route', async () => {
  const [tunnel] = /kx-\w+/.exec(await hosts.in(a.namespace, 'ip', 'route', 'show', 'proto', '75'))!;
  await hosts.in(a.namespace, 'ip', 'link', 'delete', 'dev', tunnel);
  assert.equal(await waitFor(() => ask(a.pod.namespace, b.pod.address)), a.pod.address);
});

test('a host whose node is gone is forgotten', async () => {
  const state = async () =>
    (await hosts.in(b.namespace, 'ip', 'route', 'show', 'proto', '75')) +
    (await hosts.in(b.namespace, 'ip', '-o', 'link', 'show', 'type', 'vxlan'));
  hosts.setNodes(b, [b]);
  await waitFor(state, { until: (text) => !text.includes('kx-') && !text.includes(a.podCIDR) });
});

test('a host that leaves keeps nothing', async () => {
  await hosts.leave(a);
  assert.equal(await hosts.in(a.namespace, 'ip', '-o', 'link', 'show', 'type', 'vxlan'), '');
  assert.doesNotMatch(await hosts.in(a.namespace, 'ip', 'route', 'show', 'proto', '75'), /10\.244/);
  assert.doesNotMatch(await hosts.in(a.namespace, 'iptables-save'), /kubecfg/);
  assert.doesNotMatch(await hosts.in(a.namespace, 'nft', 'list', 'tables'), /kubecfg/);
});
