/** Whatever is written in whatever order: the sum of a watch's events is the list, from every revision on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pod } from '../../../src/core/api/kinds/index.ts';
import type { KubeList, WatchEvent } from '../../../src/core/api/object.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../../src/core/api/status.ts';
import type { Client } from '../../../src/core/client/client.ts';
import { type Harness, startServer } from './harness.ts';

type Step = { do: 'create' | 'delete' | 'red' | 'blue' | 'bind'; pod: string };

const steps = fc.array(
  fc.record({
    do: fc.constantFrom<Step['do'][]>('create', 'create', 'delete', 'red', 'blue', 'bind'),
    pod: fc.constantFrom('a', 'b', 'c', 'd'),
  }),
  { minLength: 1, maxLength: 40 },
);
const selectors = fc.constantFrom({}, { labelSelector: 'color=red' }, { fieldSelector: 'spec.nodeName=core-01' });

async function run(client: Client, namespace: string, { do: what, pod }: Step): Promise<void> {
  const spec = { containers: [{ name: 'main', image: 'test' }] };
  try {
    if (what === 'create') await client.create(Pod, { metadata: { name: pod, namespace }, spec });
    else if (what === 'delete') await client.delete(Pod, namespace, pod, { gracePeriodSeconds: 0 });
    else if (what === 'bind') await client.bind(Pod, namespace, pod, 'core-01');
    else await client.patch(Pod, namespace, pod, { metadata: { labels: { color: what } } });
  } catch (error) {
    if (!isNotFound(error) && !isAlreadyExists(error) && !isConflict(error)) throw error;
  }
}

/** The events after `from` until a bookmark says that `upTo` is reached, played onto the list of that moment. */
async function replay(
  h: Harness,
  namespace: string,
  list: KubeList<Pod>,
  options: object,
): Promise<Map<string, string>> {
  const state = new Map(list.items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
  const { resourceVersion = '' } = list.metadata;
  const timeout = { resourceVersion, allowWatchBookmarks: true, timeoutSeconds: 1, ...options };
  const events: AsyncIterable<WatchEvent<Pod>> = h.client.watch(Pod, namespace, timeout, new AbortController().signal);
  const reading = (async () => {
    let last = Number(resourceVersion);
    for await (const { type, object } of events) {
      const revision = Number(object.metadata.resourceVersion);
      assert.ok(revision >= last, `revision ${revision} after ${last}`);
      last = revision;
      const { name } = object.metadata;
      if (type === 'ADDED') assert.ok(!state.has(name), `${name} was added twice`);
      if (type === 'MODIFIED' || type === 'DELETED') assert.ok(state.has(name), `${name} was not there`);
      if (type === 'DELETED') state.delete(name);
      else if (type !== 'BOOKMARK') state.set(name, object.metadata.resourceVersion);
    }
  })();
  await h.clock.advance(1000);
  await reading;
  return state;
}

test('a list and the events after it make the next list', async () => {
  // Few recent changes are kept, so that most watches begin in the store's history.
  const h = await startServer({ maxRecentChanges: 5 });
  let round = 0;
  await fc.assert(
    fc.asyncProperty(steps, selectors, async (script, options) => {
      const namespace = `round-${round++}`;
      await h.post('/api/v1/namespaces', { metadata: { name: namespace } });
      const lists = [await h.client.list(Pod, namespace, options)];
      for (const [i, step] of script.entries()) {
        await run(h.client, namespace, step);
        if (i % 10 === 0) lists.push(await h.client.list(Pod, namespace, options));
      }
      const final = await h.client.list(Pod, namespace, options);
      const expected = new Map(final.items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
      for (const list of lists) assert.deepEqual(await replay(h, namespace, list, options), expected);
    }),
    { numRuns: 30 },
  );
});
