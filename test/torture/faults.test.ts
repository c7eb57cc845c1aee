/** The whole of torture on a server in this process, with somebody between who tells one lie: each must be found out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/core/async/random.ts';
import { startServer } from '../core/apiserver/harness.ts';
import { type Api, httpApi, itemOf } from './api.ts';
import { isEvent, type Seen, type SeenEvent } from './history.ts';
import { torture } from './run.ts';

/** Begins when some history is there to be contradicted. */
const honestEvents = 20;

async function promisesBroken(lie: (api: Api) => Api): Promise<Set<string>> {
  const { port } = await startServer();
  const servers = {
    urls: async () => [`http://127.0.0.1:${port}`],
    disturb: () => Promise.reject(new Error('nothing is killed here')),
    stop: async () => {},
  };
  const api = httpApi();
  const round = { servers, random: seededRandom(7), ms: 0, restMs: 1, retentionMs: 60_000 };
  const { violations } = await torture({ ...round, atLeast: { operations: 600 }, api: lie(api) });
  api.close();
  return new Set(violations.map(({ promise }) => promise));
}

/** Changes what one stream is told, once: `change` returns what to tell instead, or undefined as long as nothing fits. */
function changingEvents(
  change: (past: readonly SeenEvent[], event: SeenEvent) => Seen[] | undefined,
): (api: Api) => Api {
  let count = 0;
  let done = false;
  return (api) => ({
    ...api,
    watch(stream) {
      const past: SeenEvent[] = [];
      const seen = (entry: Seen) => {
        if (!isEvent(entry) || stream.after === undefined || done) return stream.seen(entry);
        const told = ++count > honestEvents && past.length > 0 ? change(past, entry) : undefined;
        past.push(entry);
        done = told !== undefined;
        for (const each of told ?? [entry]) stream.seen(each);
      };
      return api.watch({ ...stream, seen });
    },
  });
}

/** What the stream told of the same object before. */
const lastOf = (past: readonly SeenEvent[], { key }: SeenEvent) => past.findLast((event) => event.key === key);

test('nobody lies, nothing is found', async () => {
  assert.deepEqual(await promisesBroken((api) => api), new Set());
});

test('a lost write', async () => {
  let puts = 0;
  let done = false;
  const broken = await promisesBroken((api) => ({
    ...api,
    async call(server, method, path, body) {
      // Of one alone nobody might read before it is written over.
      if (method !== 'PUT' || ++puts % 5 > 0) return api.call(server, method, path, body);
      const { code, body: found } = await api.call(server, 'GET', path);
      if (code !== 200) return api.call(server, method, path, body);
      done = true;
      // Answered as if it had been done.
      return { code, body: { ...(body as object), metadata: mixed(found, body) } };
    },
  }));
  assert.ok(done);
  assert.ok(broken.has('linearizable'), [...broken].join());
});

// biome-ignore lint/suspicious/noExplicitAny: objects as they come
const mixed = (found: any, asked: any) => ({
  ...found.metadata,
  ...asked.metadata,
  resourceVersion: `${Number(found.metadata.resourceVersion) + 1}`,
});

test('a stale read', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: objects as they come
  const answers = new Map<string, any[]>();
  let done = false;
  const broken = await promisesBroken((api) => ({
    ...api,
    async call(server, method, path, body) {
      const before = answers.get(path) ?? [];
      // Somebody was answered something newer before this read begins.
      const [old] = before.filter((answer) => itemOf(answer).value !== itemOf(before.at(-1)).value);
      const answer = await api.call(server, method, path, body);
      if (method !== 'GET' || answer.code !== 200 || path.includes('?')) return answer;
      answers.set(path, [...before, answer.body]);
      if (!old || done) return answer;
      done = true;
      return { code: 200, body: old };
    },
  }));
  assert.ok(done);
  assert.deepEqual(broken, new Set(['linearizable']));
});

test('an event left out', async () => {
  const broken = await promisesBroken(changingEvents(() => []));
  assert.ok(broken.has('watch: no gap'), [...broken].join());
});

test('an event told twice', async () => {
  const broken = await promisesBroken(changingEvents((_, event) => [event, event]));
  assert.ok(broken.has('watch: unique'), [...broken].join());
});

test('an old event told behind a newer one', async () => {
  const broken = await promisesBroken(changingEvents((past, event) => [event, past.at(-1)!]));
  assert.ok(broken.has('watch: ordered'), [...broken].join());
});

test('a bookmark ahead of its events', async () => {
  const bookmark = (revision: number): Seen => ({ type: 'BOOKMARK', revision, initialEnd: false });
  const broken = await promisesBroken(changingEvents((_, event) => [bookmark(event.revision), event]));
  assert.ok(broken.has('watch: bookmarks true'), [...broken].join());
});

test('what was deleted shown as something else', async () => {
  const other = (past: readonly SeenEvent[], event: SeenEvent): Seen[] | undefined =>
    event.type === 'DELETED' && lastOf(past, event) ? [{ ...event, value: `${event.value}-other` }] : undefined;
  const broken = await promisesBroken(changingEvents(other));
  assert.ok(broken.has('watch: previous object'), [...broken].join());
});

test('a creation told as a change', async () => {
  const wrong = (past: readonly SeenEvent[], event: SeenEvent): Seen[] | undefined =>
    event.type === 'ADDED' && lastOf(past, event)?.type === 'DELETED' ? [{ ...event, type: 'MODIFIED' }] : undefined;
  const broken = await promisesBroken(changingEvents(wrong));
  assert.ok(broken.has('watch: create, update and delete told apart'), [...broken].join());
});
