import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Table } from '../../../../src/core/api/table.ts';
import { TablePrinter, type TablePrinterOptions } from '../../../../src/core/cli/printers/table.ts';

const column = (name: string, priority = 0) => ({ name, type: 'string', format: '', description: '', priority });
const row = (cells: Table['rows'][number]['cells'], labels?: Record<string, string>) => ({
  cells,
  object: { metadata: { name: 'web', namespace: 'prod', ...(labels ? { labels } : {}) } },
});
const table = {
  columnDefinitions: [column('Name'), column('Ready'), column('IP', 1)],
  rows: [row(['web', '1/1', '10.0.0.1'], { app: 'web', tier: 'front' }), row(['db', null, 'x\ny'])],
};
const plain = { wide: false, noHeaders: false, showLabels: false, labelColumns: [], withNamespace: false };
const print = (options: Partial<TablePrinterOptions>) => new TablePrinter({ ...plain, ...options }).print(table);

test('wide columns are left out unless asked for', () => {
  assert.equal(print({}), 'NAME   READY\nweb    1/1\ndb     <none>\n');
  assert.equal(print({ wide: true }), 'NAME   READY    IP\nweb    1/1      10.0.0.1\ndb     <none>   x...\n');
});

test('namespace stands in front, labels behind', () => {
  assert.equal(
    print({ withNamespace: true, showLabels: true, labelColumns: ['example.com/app', 'tier'] }),
    'NAMESPACE   NAME   READY    APP   TIER    LABELS\n' +
      'prod        web    1/1            front   app=web,tier=front\n' +
      'prod        db     <none>                 <none>\n',
  );
});

test('several kinds carry their names, and headers can be left out', () => {
  assert.equal(print({ kindPrefix: 'pod', noHeaders: true }), 'pod/web   1/1\npod/db    <none>\n');
});

test('a watch prints the header once, with the first row', () => {
  const printer = new TablePrinter(plain);
  assert.equal(printer.print({ ...table, rows: [] }), '');
  assert.equal(
    printer.print({ columnDefinitions: null, rows: [row(['web', '0/1', ''])] }),
    'NAME   READY\nweb    0/1\n',
  );
  assert.equal(printer.print({ columnDefinitions: null, rows: [row(['web', '1/1', ''])] }), 'web    1/1\n');
});
