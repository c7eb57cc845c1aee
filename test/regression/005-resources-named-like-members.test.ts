/** A resource called `__proto__` or `constructor` was a 500: looked up in another map, it was found in every object. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LimitRange } from '../../src/core/api/kinds/index.ts';
import { validateResources } from '../../src/core/api/validation/resources.ts';

const names = ['constructor', 'toString', '__proto__'];
const amountsOf = (name: string) => JSON.parse(`{"${name}":"1"}`) as Record<string, string>;

test('limits with such names are refused by name', () => {
  for (const name of names) {
    const item = { type: 'Container', default: amountsOf(name), maxLimitRequestRatio: amountsOf(name) };
    const errors = LimitRange.validate!({ metadata: {}, spec: { limits: [item] } } as LimitRange);
    assert.deepEqual(
      errors.map(({ field }) => field),
      [`spec.limits[0].default[${name}]`, `spec.limits[0].maxLimitRequestRatio[${name}]`],
    );
  }
});

test('requests with such names are refused by name', () => {
  for (const name of names) {
    const [first] = validateResources('resources', { requests: amountsOf(name) });
    assert.equal(first?.field, `resources.requests[${name}]`);
  }
});
