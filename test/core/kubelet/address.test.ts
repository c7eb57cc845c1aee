import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contains, parseAddress, parseCidr } from '../../../src/core/api/cidr.ts';
import { Addresses, NoFreeAddressError } from '../../../src/core/kubelet/address.ts';

const cidr = (text: string) => parseCidr(text)!;

test('the first addresses are the network, its gateway and then pods; the last is the broadcast address', () => {
  const addresses = new Addresses(cidr('10.244.1.0/29'), () => []);
  assert.deepEqual(
    Array.from({ length: 5 }, () => addresses.reserve()),
    ['10.244.1.2', '10.244.1.3', '10.244.1.4', '10.244.1.5', '10.244.1.6'],
  );
  assert.throws(() => addresses.reserve(), NoFreeAddressError);
});

test('what observed sandboxes have is taken, whoever gave it to them', () => {
  const addresses = new Addresses(cidr('10.244.1.0/24'), () => ['10.244.1.2', '10.244.1.3', '192.168.0.4']);
  assert.equal(addresses.reserve(), '10.244.1.4');
});

test('in any order of taking, showing and giving back no address is used twice', () => {
  const step = fc.oneof(
    fc.constant('take'),
    fc.constant('show'),
    fc.constant('fail'),
    fc.constant('remove'),
    fc.constant('restart'),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.nat(), (steps, seed) => {
      const range = cidr('10.244.1.0/27');
      const shown = new Set<string>();
      const held = new Set<string>();
      let addresses = new Addresses(range, () => shown);
      const any = (set: Set<string>) => [...set][seed % set.size];
      for (const what of steps) {
        if (what === 'take' && shown.size + held.size < 29) {
          const address = addresses.reserve();
          assert.ok(!shown.has(address) && !held.has(address), `${address} twice`);
          assert.ok(contains(range, parseAddress(address)!));
          held.add(address);
        } else if (what === 'restart') {
          // Sandboxes that were being made are not: their creation failed with the kubelet, or they show.
          for (const address of held) shown.add(address);
          held.clear();
          addresses = new Addresses(range, () => shown);
        } else if (what === 'remove') {
          shown.delete(any(shown) ?? '');
        } else if (held.size > 0) {
          const address = any(held)!;
          if (what === 'show') shown.add(address);
          held.delete(address);
          addresses.release(address);
        }
      }
    }),
  );
});
