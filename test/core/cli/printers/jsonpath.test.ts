import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonpathPrinter, valuesAt } from '../../../../src/core/cli/printers/jsonpath.ts';
import { parseRelaxedPath } from '../../../../src/core/cli/printers/jsonpath-parser.ts';

const list = {
  kind: 'List',
  items: [
    {
      metadata: { name: 'a', labels: { 'app.kubernetes.io/name': 'web' } },
      spec: { containers: [{ name: 'c', image: 'nginx', ports: [80, 81, 82] }] },
      status: { phase: 'Running', restarts: 3, ready: true },
    },
    {
      metadata: { name: 'b' },
      spec: { containers: [{ name: 'd', image: 'busybox' }] },
      status: { phase: 'Pending', restarts: 0, ready: false },
    },
  ],
};

/** Template → text, as kubectl 1.32 prints it. */
const rows: [string, string][] = [
  ['{.kind}', 'List'],
  ['kind is {.kind}!', 'kind is List!'],
  ['{.items[*].metadata.name}', 'a b'],
  ['{.items[0].metadata.name}', 'a'],
  ['{.items[-1].metadata.name}', 'b'],
  ['{.items[0,1].metadata.name}', 'a b'],
  ['{.items[0].spec.containers[0].ports[1:]}', '81 82'],
  ['{.items[0].spec.containers[0].ports[:-1]}', '80 81'],
  ['{.items[0].spec.containers[0].ports[::2]}', '80 82'],
  ['{range .items[*]}{.metadata.name}={.status.phase}{"\\n"}{end}', 'a=Running\nb=Pending\n'],
  ["{range .items[*]}{.metadata.name}{'\\t'}{end}", 'a\tb\t'],
  ['{range .items[*]}{range .spec.containers[*]}{.image},{end}{end}', 'nginx,busybox,'],
  ['{range .items[*]}{$.kind}/{@.metadata.name} {end}', 'List/a List/b '],
  ['{.items[?(@.status.phase=="Running")].metadata.name}', 'a'],
  ["{.items[?(@.status.phase!='Running')].metadata.name}", 'b'],
  ['{.items[?(@.status.restarts>0)].metadata.name}', 'a'],
  ['{.items[?(@.status.restarts<=3)].metadata.name}', 'a b'],
  ['{.items[?(@.status.ready==true)].metadata.name}', 'a'],
  ['{.items[?(@.metadata.labels)].metadata.name}', 'a'],
  ['{.items[0].metadata.labels.app\\.kubernetes\\.io/name}', 'web'],
  ["{.items[0].metadata.labels['app.kubernetes.io/name']}", 'web'],
  ['{..name}', 'a c b d'],
  ['{.items[*].spec.containers[*].image}', 'nginx busybox'],
  ['{.items[0].metadata.*}', 'a {"app.kubernetes.io/name":"web"}'],
  ['{.items[0].status}', '{"phase":"Running","ready":true,"restarts":3}'],
  ['{.items[0].status.restarts}', '3'],
  ['{.nosuch.field}', ''],
  ['{ .kind }', 'List'],
  ['{$.kind}', 'List'],
  ['{@.kind}', 'List'],
  ['no braces', 'no braces'],
];

for (const [template, text] of rows) {
  test(`${template} prints ${JSON.stringify(text)}`, () => assert.equal(jsonpathPrinter(template)(list), text));
}

test('a wrong template is quoted with what is wrong', () => {
  const wrong: [string, RegExp][] = [
    ['{.items', /no closing "}"/],
    ['{.items[}', /no index, slice, name or filter/],
    ['{range .items[*]}{.a}', /\{range\} without \{end\}/],
    ['{.a}{end}', /\{end\} without \{range\}/],
    ['{items}', /a path starts with "\."/],
    ['{"text}', /no closing "/],
    ['{.items[?(@.a == )]}', /a path starts with/],
    ['{.items[::0]}', /step of a slice/],
  ];
  for (const [template, message] of wrong) assert.throws(() => jsonpathPrinter(template), message, template);
});

test('an index beyond the end is an error that says how long the list is', () => {
  assert.throws(() => jsonpathPrinter('{.items[5]}')(list), /array index out of bounds: index 5, length 2/);
  assert.throws(() => jsonpathPrinter('{.kind[0]}')(list), /List is not a list/);
});

test('single paths may leave out braces and the leading dot', () => {
  for (const text of [
    '.items[0].metadata.name',
    'items[0].metadata.name',
    '{.items[0].metadata.name}',
    '{items[0].metadata.name}',
  ]) {
    assert.deepEqual(valuesAt(parseRelaxedPath(text), list), ['a'], text);
  }
  for (const text of ['', '{}', '{.a}{.b}']) assert.throws(() => parseRelaxedPath(text), /is not a path/, text);
});
