import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ColumnWriter, writeColumns } from '../../../../src/core/cli/printers/columns.ts';
import { customColumnsPrinter } from '../../../../src/core/cli/printers/custom-columns.ts';
import { sortBy } from '../../../../src/core/cli/printers/sort.ts';
import { writeTabs } from '../../../../src/core/cli/printers/tabs.ts';

test('columns stand three spaces apart, are never narrower than six, and the last is not padded', () => {
  const text = writeColumns([
    ['NAME', 'A', 'AGE'],
    ['web', '1', '3m'],
    ['front-x7k2p', '12', '5s'],
  ]);
  assert.equal(text, 'NAME          A     AGE\nweb           1     3m\nfront-x7k2p   12    5s\n');
});

test('characters count, not UTF-16 units', () => {
  assert.equal(
    writeColumns([
      ['ä😀', 'x'],
      ['abcd', 'y'],
    ]),
    'ä😀     x\nabcd   y\n',
  );
});

test('later rows keep the widths of earlier ones', () => {
  const writer = new ColumnWriter();
  assert.equal(writer.write([['a-long-name', 'x']]), 'a-long-name   x\n');
  assert.equal(writer.write([['b', 'y']]), 'b             y\n');
});

test('fleetctl pads with tabs to stops of eight', () => {
  // coreos.md 5.3, as fleetctl 1.0 prints it.
  const rows = [
    ['MACHINE', 'IP', 'METADATA'],
    ['17040743...', '172.17.8.102', '-'],
    ['cb35b356...', '172.17.8.103', 'az=us-west-1a,disk=ssd'],
  ];
  const text =
    'MACHINE\t\tIP\t\tMETADATA\n17040743...\t172.17.8.102\t-\ncb35b356...\t172.17.8.103\taz=us-west-1a,disk=ssd\n';
  assert.equal(writeTabs(rows), text);
  assert.equal(writeTabs([['MACHINE', 'IP', 'METADATA']]), 'MACHINE\tIP\tMETADATA\n');
  const full = writeTabs([
    ['MACHINE', 'IP', 'METADATA'],
    ['170407433f5a4d0e9b8c7d6e5f4a3b2c', '172.17.8.102', '-'],
  ]);
  assert.equal(full, 'MACHINE\t\t\t\t\tIP\t\tMETADATA\n170407433f5a4d0e9b8c7d6e5f4a3b2c\t172.17.8.102\t-\n');
});

test('custom columns print <none> for what is missing and join what is several', () => {
  const print = customColumnsPrinter('NAME:.metadata.name,IMAGES:.spec.containers[*].image,X:.x', false);
  const objects = [
    { metadata: { name: 'a' }, spec: { containers: [{ image: 'i' }, { image: 'j' }] } },
    { metadata: { name: 'b' } },
  ];
  assert.equal(print(objects), 'NAME   IMAGES   X\na      i,j      <none>\nb      <none>   <none>\n');
  assert.equal(customColumnsPrinter('N:.metadata.name', true)(objects), 'a\nb\n');
  assert.throws(() => customColumnsPrinter('NAME', false), /"NAME" is not HEADER:\.path/);
  assert.throws(() => customColumnsPrinter('', false), /no columns given/);
});

test('sorting takes numbers in names as numbers, and puts what is missing first', () => {
  const items = ['web-10', 'web-9', 'web-1'].map((name) => ({ metadata: { name } }));
  const sorted = sortBy([...items, { metadata: {} }], '.metadata.name', (item) => item);
  assert.deepEqual(
    sorted.map((o) => (o.metadata as { name?: string }).name),
    [undefined, 'web-1', 'web-9', 'web-10'],
  );
  const numbers = [{ n: 10 }, { n: 9 }, { n: -1 }];
  assert.deepEqual(
    sortBy(numbers, '{.n}', (item) => item).map(({ n }) => n),
    [-1, 9, 10],
  );
});
