import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Keyspace } from '../../../../src/core/store/etcd/keyspace.ts';

const within = (key: Buffer, { key: start, range_end: end }: { key: Buffer; range_end: Buffer }) =>
  Buffer.compare(key, start) >= 0 && (end.equals(Buffer.from([0])) || Buffer.compare(key, end) < 0);

test('the prefix takes the place of the root', () => {
  const keyspace = new Keyspace('/blue', '/registry');
  assert.equal(String(keyspace.toEtcd('/registry/pods/default/web')), '/blue/pods/default/web');
  assert.equal(keyspace.fromEtcd(Buffer.from('/blue/pods/default/web')), '/registry/pods/default/web');
  assert.throws(() => keyspace.toEtcd('/elsewhere/pods'), /does not begin with \/registry/);
});

test('marks lie before all keys and are none', () => {
  for (const keyspace of [new Keyspace('/blue', '/registry'), new Keyspace('', '')]) {
    const mark = keyspace.mark('progress');
    assert.ok(within(mark, keyspace.all));
    assert.ok(!within(mark, keyspace.range('')));
    assert.equal(keyspace.fromEtcd(mark), undefined);
  }
});

test('a range holds the keys that start with its prefix, and come behind a key', () => {
  const text = fc.string({ unit: fc.constantFrom('/', 'a', '\uff5e', '\u{10ffff}'), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.constantFrom('', '/blue'),
      text,
      text,
      fc.option(text, { nil: undefined }),
      (outer, key, prefix, after) => {
        const keyspace = new Keyspace(outer, '');
        const isBehind = after === undefined || Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0;
        const range = keyspace.range(prefix, after);
        assert.equal(within(keyspace.toEtcd(key), range), key.startsWith(prefix) && isBehind);
      },
    ),
  );
});
