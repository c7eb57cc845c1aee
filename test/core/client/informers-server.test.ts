/** Informers against the real API server over connections that break, while history is compacted away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pod } from '../../../src/core/api/kinds/index.ts';
import { keyOf, type WatchEvent } from '../../../src/core/api/object.ts';
import { createApiServer } from '../../../src/core/apiserver/index.ts';
import { silentLog } from '../../../src/core/async/log.ts';
import { pick, type Random, seededRandom } from '../../../src/core/async/random.ts';
import { Client } from '../../../src/core/client/client.ts';
import { createInformers } from '../../../src/core/client/informers.ts';
import type { Transport } from '../../../src/core/client/transport.ts';
import { openEmbeddedStore } from '../../../src/core/store/index.ts';
import { virtualClock } from '../../helpers/clock.ts';

/** Every watch breaks after a few events. */
function flaky(transport: Transport, random: Random): Transport {
  return {
    ...transport,
    async *watch(request, signal): AsyncGenerator<WatchEvent> {
      let left = pick(random, 12);
      for await (const event of transport.watch(request, signal)) {
        if (left-- === 0) throw new Error('the connection broke');
        yield event;
      }
    },
  };
}

async function churn(client: Client, random: Random, rounds: number, between: () => Promise<void>) {
  for (let i = 0; i < rounds; i++) {
    const name = `pod-${pick(random, 8)}`;
    const action = pick(random, 3);
    const spec = { containers: [{ name: 'main', image: 'busybox' }] };
    const done =
      action === 0
        ? client.create(Pod, { metadata: { name, namespace: 'default' }, spec })
        : action === 1
          ? client.patch(Pod, 'default', name, { metadata: { labels: { round: `${i}` } } })
          : client.delete(Pod, 'default', name);
    // Half of them are wrong at the moment, which the server says.
    await done.catch(() => {});
    await between();
  }
}

test('the cache ends up equal to the server, whatever breaks on the way', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const random = seededRandom(seed);
      const clock = virtualClock();
      const store = await openEmbeddedStore({ clock, log: silentLog });
      const server = await createApiServer({ store, clock, random, log: silentLog, portalNet: '10.0.0.0/24' });
      const client = new Client(server.transport);
      const transport = flaky(server.transport, random);
      const informers = createInformers(new Client(transport), { clock, random, log: silentLog });
      const informer = informers.for(Pod);
      const told = new Map<string, string>();
      const wrong: string[] = [];
      informer.subscribe(({ type, object }) => {
        if (told.has(keyOf(object)) === (type === 'added')) wrong.push(`${type} ${keyOf(object)}`);
        if (type === 'deleted') told.delete(keyOf(object));
        else told.set(keyOf(object), object.metadata.resourceVersion);
      });

      await churn(client, random, 60, async () => {
        const dice = pick(random, 10);
        if (dice === 0 && store.revision > store.compactedRevision) await store.compact(store.revision);
        if (dice < 5) await clock.advance(pick(random, 300));
      });
      await clock.advance(60_000);

      const { items } = await client.list(Pod);
      const truth = items.map((p) => [keyOf(p), p.metadata.resourceVersion]).sort();
      const cached = [...informer.list()].map((p) => [keyOf(p), p.metadata.resourceVersion]).sort();
      assert.deepEqual(cached, truth);
      assert.deepEqual([...told].sort(), truth);
      assert.deepEqual(wrong, []);
      await informers.stop();
      await server.close();
      await store.close();
    }),
    { numRuns: 25 },
  );
});
