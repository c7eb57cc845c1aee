import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  contains,
  formatAddress,
  formatCidr,
  overlaps,
  parseAddress,
  parseCidr,
  subrange,
} from '../../../src/core/api/cidr.ts';

test('addresses and ranges survive parsing and formatting', () => {
  assert.equal(formatAddress(parseAddress('172.17.8.101')!), '172.17.8.101');
  assert.equal(formatCidr(parseCidr('255.255.0.0/16')!), '255.255.0.0/16');
});

test('what is no address or range is refused', () => {
  for (const text of ['', '1.2.3', '1.2.3.256', '1.2.3.4.5', 'a.b.c.d', '1.2.3.-4'])
    assert.equal(parseAddress(text), undefined, text);
  for (const text of ['10.0.0.0', '10.0.0.0/33', '10.0.0.1/16', '10.0.0.0/x'])
    assert.equal(parseCidr(text), undefined, text);
});

test('ranges contain, overlap and split', () => {
  const net = parseCidr('10.244.0.0/16')!;
  const third = subrange(net, 24, 3)!;
  assert.equal(formatCidr(third), '10.244.3.0/24');
  assert.ok(contains(third, parseAddress('10.244.3.9')!));
  assert.ok(!contains(third, parseAddress('10.244.4.0')!));
  assert.ok(overlaps(net, third));
  assert.ok(!overlaps(third, subrange(net, 24, 4)!));
  assert.equal(subrange(net, 24, 256), undefined);
});
