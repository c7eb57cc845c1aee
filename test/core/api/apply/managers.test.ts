/** What must hold whatever is applied, by whom, in which order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeConfig } from '../../../../src/core/api/apply/config.ts';
import { differenceOf } from '../../../../src/core/api/apply/difference.ts';
import { fieldsIn, fieldsOfConfig, type Writer } from '../../../../src/core/api/apply/entries.ts';
import { difference, intersection, isEmpty, noFields, union } from '../../../../src/core/api/apply/fields.ts';
import { afterUpdate, applyConfig } from '../../../../src/core/api/apply/managers.ts';
import { rootOf } from '../../../../src/core/api/apply/places.ts';
import { decodeObject } from '../../../../src/core/api/decode.ts';
import type { Kind } from '../../../../src/core/api/kind.ts';
import { Pod } from '../../../../src/core/api/kinds/index.ts';
import type { KubeObject } from '../../../../src/core/api/object.ts';
import { isConflict } from '../../../../src/core/api/status.ts';
import type { ManagedFieldsEntry } from '../../../../src/core/api/types/meta.ts';

const kind = Pod as unknown as Kind;

const small = <T>(keys: string[], value: fc.Arbitrary<T>) =>
  fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 2, noNullPrototype: true });
const text = fc.constantFrom('1', '2');
const container = fc.record(
  {
    name: fc.constantFrom('a', 'b', 'c'),
    image: text,
    command: fc.array(text, { maxLength: 2 }),
    env: fc.uniqueArray(fc.record({ name: fc.constantFrom('K', 'L'), value: text }), { selector: ({ name }) => name }),
  },
  { requiredKeys: ['name'], noNullPrototype: true },
);
const pod = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constant('Pod'),
  metadata: fc.record(
    { labels: small(['x', 'y'], text), finalizers: fc.uniqueArray(fc.constantFrom('a/x', 'a/y')) },
    { requiredKeys: [], noNullPrototype: true },
  ),
  spec: fc.record(
    {
      containers: fc.uniqueArray(container, { selector: ({ name }) => name, maxLength: 3 }),
      nodeSelector: small(['disk'], text),
      hostNetwork: fc.boolean(),
    },
    { requiredKeys: [], noNullPrototype: true },
  ),
});

const writer = (manager: string, operation: 'Apply' | 'Update'): Writer => ({
  manager,
  operation,
  apiVersion: 'v1',
  subresource: '',
  time: '2015-05-01T00:00:00Z',
});

interface State {
  live: KubeObject | undefined;
  entries: readonly ManagedFieldsEntry[];
}
const decoded = (body: object) => decodeObject(kind, body, 'Ignore').object as KubeObject;
const configOf = (body: object) => decodeConfig(kind, body, { strict: true });

function apply({ live, entries }: State, manager: string, body: object, force = true): State {
  const result = applyConfig(kind, entries, writer(manager, 'Apply'), { live, config: configOf(body), force });
  return { live: decoded(result.object), entries: result.entries };
}
function update({ live, entries }: State, manager: string, body: object): State {
  const after = decoded(body);
  if (!live) return { live: after, entries: [] };
  return { live: after, entries: afterUpdate(kind, entries, writer(manager, 'Update'), { before: live, after }) };
}

const step = fc.record({ who: fc.constantFrom('alice', 'bob', 'carol'), applies: fc.boolean(), body: pod });
const states = fc.array(step, { maxLength: 4 }).map((steps) =>
  steps.reduce<State>((state, { who, applies, body }) => (applies ? apply : update)(state, who, body), {
    live: undefined,
    entries: [],
  }),
);

const fieldsOfManager = ({ entries }: State, manager: string) => {
  const entry = entries.find((e) => e.manager === manager && e.operation === 'Apply');
  return entry ? fieldsIn(entry) : noFields;
};

test('applying twice is applying once', () => {
  fc.assert(
    fc.property(states, pod, (state, body) => {
      const once = apply(state, 'alice', body);
      assert.deepEqual(apply(once, 'alice', body, false), once);
    }),
  );
});

test('whoever applies by force gets his values and owns exactly what he wrote', () => {
  fc.assert(
    fc.property(states, pod, (state, body) => {
      const after = apply(state, 'alice', body);
      const config = configOf(body);
      assert.deepEqual(fieldsOfManager(after, 'alice'), fieldsOfConfig(kind, config, 'main'));
      // Applied once more by somebody else there is nothing to fight about: every value is there.
      assert.doesNotThrow(() => apply(after, 'dave', body, false));
    }),
  );
});

test('fields of others whose values change are lost to them, and no other fields', () => {
  fc.assert(
    fc.property(states, pod, (state, body) => {
      const after = apply(state, 'alice', body);
      for (const who of ['bob', 'carol']) {
        const [had, has] = [fieldsOfManager(state, who), fieldsOfManager(after, who)];
        assert.ok(isEmpty(difference(has, had)), 'nobody gains fields he did not write');
        const same = differenceOf(rootOf(kind.schema), state.live, after.live);
        const lost = difference(difference(had, has), union(same.changed, same.removed));
        assert.deepEqual(lost, noFields);
      }
    }),
  );
});

test('without force an apply either conflicts or takes nothing from anybody', () => {
  fc.assert(
    fc.property(states, pod, (state, body) => {
      let after: State;
      try {
        after = apply(state, 'alice', body, false);
      } catch (error) {
        assert.ok(isConflict(error));
        return;
      }
      const owned = fieldsOfConfig(kind, configOf(body), 'main');
      for (const who of ['bob', 'carol']) {
        const lost = difference(fieldsOfManager(state, who), fieldsOfManager(after, who));
        assert.ok(isEmpty(intersection(lost, owned)));
      }
    }),
  );
});

test('what two apply together stays when one of them applies nothing any more', () => {
  fc.assert(
    fc.property(pod, pod, (shared, other) => {
      const first = apply({ live: undefined, entries: [] }, 'alice', shared);
      const both = apply(apply(first, 'bob', shared), 'carol', other, true);
      const empty = { apiVersion: 'v1', kind: 'Pod' };
      const one = apply(both, 'alice', empty);
      assert.deepEqual(fieldsOfManager(one, 'alice'), noFields);
      assert.deepEqual(one.live, both.live, 'bob still owns all that alice owned');
    }),
  );
});

test('after everybody gave up nothing of what was applied is left', () => {
  fc.assert(
    fc.property(pod, pod, (a, b) => {
      const empty = { apiVersion: 'v1', kind: 'Pod' };
      const both = apply(apply({ live: undefined, entries: [] }, 'alice', a), 'bob', b);
      const none = apply(apply(both, 'alice', empty), 'bob', empty);
      assert.deepEqual(none.entries, []);
      assert.deepEqual(none.live, decoded(empty));
    }),
  );
});
