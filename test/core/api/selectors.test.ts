import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pod, Secret } from '../../../src/core/api/kinds/index.ts';
import {
  formatLabels,
  parseFieldSelector,
  parseLabelSelector,
  selectorOf,
  selectorOfLabels,
} from '../../../src/core/api/selectors.ts';
import { ApiError } from '../../../src/core/api/status.ts';
import { pod } from '../../helpers/objects.ts';

const labels = { app: 'web', tier: 'front', size: '12', __proto__x: 'a' };

test('each form of requirement matches what it says', () => {
  const cases: [string, boolean][] = [
    ['', true],
    ['app=web', true],
    ['app==web', true],
    [' app = web , tier = front ', true],
    ['app=web,tier=back', false],
    ['app!=web', false],
    ['gone!=web', true],
    ['app in (db, web)', true],
    ['app in(db)', false],
    ['app notin (db)', true],
    ['gone notin (db)', true],
    ['app', true],
    ['gone', false],
    ['!gone', true],
    ['!app', false],
    ['size>11', true],
    ['size<12', false],
    ['app>1', false],
    ['gone<1', false],
    ['gone=', false],
    ['app in (,web)', true],
    ['toString', false],
    ['example.com/role=x', false],
    ['in in (in)', false],
    ['notin', false],
  ];
  for (const [selector, expected] of cases) {
    assert.equal(parseLabelSelector(selector).matches(labels), expected, selector);
  }
  assert.equal(parseLabelSelector('!app').matches(undefined), true);
});

test('a wrong query is answered with what was found and what is expected', () => {
  const cases: [string, RegExp][] = [
    ['=web', /found '=', expected: !, identifier, or 'end of string'/],
    ['app=web,', /found '', expected: identifier after ','/],
    ['app=web tier=a', /found 'tier', expected: ',' or 'end of string'/],
    ['app web', /unable to parse requirement: found 'web', expected: in, notin, =, ==, !=, gt, lt/],
    ['app in web', /found 'web' expected: '\('/],
    ['app in (a', /expected: ',' or '\)'/],
    ['app in ()', /values set can't be empty/],
    ['a=b=c', /found '=', expected: ',' or 'end of string'/],
    ['app=(', /found '\(', expected: identifier/],
    ['!', /found '', expected: identifier/],
    ['app>big', /the value must be an integer/],
    ['-app=x', /key: Invalid value: "-app": name part must consist of/],
    [`app=${'x'.repeat(64)}`, /must be no more than 63 characters/],
    ['app=a_', /a valid label must be an empty string or consist of/],
  ];
  for (const [selector, message] of cases) {
    assert.throws(() => parseLabelSelector(selector), isBadRequest(message), selector);
  }
});

const isBadRequest = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ApiError && error.reason === 'BadRequest');
  assert.match(error.message, message);
  return true;
};

const key = fc.constantFrom('a', 'b', 'example.com/c', 'in', 'notin');
const word = fc.constantFrom('x', 'y', 'z.1', 'in', '7');
const requirement = fc.oneof(
  fc.tuple(key, fc.constantFrom('=', '!='), word).map(([k, o, v]) => `${k}${o}${v}`),
  fc
    .tuple(key, fc.constantFrom('in', 'notin'), fc.array(word, { minLength: 1, maxLength: 3 }))
    .map(([k, o, v]) => `${k} ${o} (${v.join(',')})`),
  key,
  key.map((k) => `!${k}`),
);
const someLabels = fc.dictionary(key, word);

test('a selector means the same after it was written out and read again', () => {
  fc.assert(
    fc.property(fc.array(requirement, { maxLength: 4 }), someLabels, (requirements, have) => {
      const selector = parseLabelSelector(requirements.join(', '));
      const again = parseLabelSelector(selector.toString());
      assert.equal(again.toString(), selector.toString());
      assert.equal(again.matches(have), selector.matches(have));
      assert.equal(
        selector.matches(have),
        requirements.every((one) => parseLabelSelector(one).matches(have)),
      );
    }),
  );
});

test('labels select exactly the objects that have them all', () => {
  fc.assert(
    fc.property(someLabels, someLabels, (wanted, have) => {
      const expected = Object.entries(wanted).every(([k, v]) => have[k] === v);
      assert.equal(selectorOfLabels(wanted).matches(have), expected);
      assert.equal(selectorOf({ matchLabels: wanted }).matches(have), expected);
    }),
  );
});

test('an absent selector object matches nothing, an empty one everything', () => {
  assert.equal(selectorOf(undefined).matches(labels), false);
  assert.equal(selectorOf({}).matches(labels), true);
  const expressions = selectorOf({
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['front', 'back'] },
      { key: 'gone', operator: 'DoesNotExist' },
    ],
  });
  assert.equal(expressions.matches(labels), true);
  assert.equal(expressions.matches({ app: 'web' }), false);
});

test('labels are printed sorted', () => {
  assert.equal(formatLabels({ b: '2', a: '1' }), 'a=1,b=2');
  assert.equal(formatLabels({}), '<none>');
});

test('field selectors compare the fields a kind offers', () => {
  const one = pod('web', { spec: { nodeName: 'core-01' } });
  const cases: [string, boolean][] = [
    ['', true],
    ['metadata.name=web', true],
    ['metadata.name==web,spec.nodeName=core-01', true],
    ['spec.host=core-02', false],
    ['status.phase!=Running', true],
    ['status.podIP=', true],
    ['metadata.name=we\\,b', false],
  ];
  for (const [selector, expected] of cases) {
    assert.equal(parseFieldSelector(Pod, selector).matches(one), expected, selector);
  }
  assert.equal(parseFieldSelector(Pod, 'spec.nodeName=a,status.phase!=b').exact('spec.nodeName'), 'a');
  assert.equal(parseFieldSelector(Pod, 'status.phase!=b').exact('status.phase'), undefined);
});

test('a wrong field selector is refused with the fields there are', () => {
  const refused = (text: string, message: RegExp) =>
    assert.throws(() => parseFieldSelector(Pod, text), isBadRequest(message), text);
  refused('spec.image=x', /^field label not supported: spec.image \(supported for pods: metadata.name, /);
  refused('toString=x', /field label not supported: toString/);
  refused('spec.nodeName', /invalid selector: 'spec.nodeName'; can't understand 'spec.nodeName'/);
  refused('spec.nodeName=a\\x', /invalid escape sequence: \\x/);
  refused('spec.nodeName=a=b', /unescaped character in value: =/);
});

test('values of field selectors may hold any character', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const escaped = text.replace(/[\\,=]/g, '\\$&');
      const selector = parseFieldSelector(Secret, `type=${escaped}`);
      assert.equal(selector.exact('type'), text);
      assert.equal(parseFieldSelector(Secret, selector.toString()).exact('type'), text);
    }),
  );
});
