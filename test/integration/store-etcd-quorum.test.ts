/** An API server whose etcd has lost its quorum for twenty seconds: what goes on, what fails and how, and what comes after. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Status } from '../../src/core/api/status.ts';
import { createApiServer } from '../../src/core/apiserver/index.ts';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import { openEtcdStore } from '../../src/core/store/index.ts';
import { startEtcd } from '../helpers/etcd.ts';
import { waitFor } from '../helpers/wait.ts';

const lostForMs = 20_000;
const requestTimeoutMs = 4_000;

test('writes fail in time and clearly, reads of any state go on, watches resume without loss', async (t) => {
  const etcd = await startEtcd({ after }, { members: 3, args: ['--heartbeat-interval=50', '--election-timeout=500'] });
  const deps = { clock: realClock, random: systemRandom, log: silentLog };
  const store = await openEtcdStore({ servers: etcd.urls, requestTimeoutMs, memberTimeoutMs: 1_000, ...deps });
  const server = await createApiServer({ store, portalNet: '10.0.0.0/16', ...deps });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await server.close();
    await store.close();
  });
  const path = `http://127.0.0.1:${port}/api/v1/namespaces/default/configmaps`;
  const ask = async (query: string, init?: RequestInit) => {
    const begun = performance.now();
    const response = await fetch(`${path}${query}`, init);
    return { body: (await response.json()) as Status, ms: performance.now() - begun };
  };
  const headers = { 'Content-Type': 'application/json' };
  const create = (name: string) => ask('', { method: 'POST', headers, body: JSON.stringify({ metadata: { name } }) });
  const seen: string[] = [];
  const watching = follow(`${path}?watch=true`, seen);
  t.after(() => watching.abort());
  await create('before');
  await waitFor(() => seen.includes('before'));
  const refused: string[] = [];
  let lastMs = 0;

  const [, ...others] = etcd.members;
  await Promise.all(others.map((member) => member.kill()));
  const end = performance.now() + lostForMs;
  while (performance.now() < end) {
    const name = `meanwhile-${refused.length}`;
    const [write, read, any] = await Promise.all([create(name), ask('/before'), ask('/before?resourceVersion=0')]);
    refused.push(name);
    assert.equal(any.body.kind, 'ConfigMap');
    assert.ok(any.ms < 1_000, `reading any state took ${any.ms} ms`);
    for (const { body, ms } of [write, read]) {
      assert.equal(body.reason, 'ServiceUnavailable', body.message);
      assert.equal(body.code, 503);
      assert.match(body.message ?? '', /^the store cannot be reached: .*(no leader|connection|within \d+ ms)/i);
      assert.ok(ms < requestTimeoutMs + 1_000, `${ms} ms`);
      lastMs = ms;
    }
  }
  assert.ok(lastMs < requestTimeoutMs / 2, `who comes when it has lasted for long waited ${lastMs} ms`);
  await Promise.all(others.map((member) => member.start()));
  await waitFor(async () => (await create('after')).body.kind, {
    until: (kind) => String(kind) === 'ConfigMap',
    what: 'a write',
    withinMs: 10_000,
  });
  await waitFor(() => seen.includes('after'));

  assert.deepEqual(seen, ['before', 'after']);
  assert.equal((await ask('/meanwhile-0')).body.reason, 'NotFound');
});

/** Names of what a watch is told of, as long as it is one and the same stream. */
function follow(url: string, names: string[]): AbortController {
  const stop = new AbortController();
  const read = async () => {
    const { body } = await fetch(url, { signal: stop.signal });
    let rest = '';
    for await (const chunk of body!) {
      const lines = (rest + Buffer.from(chunk).toString()).split('\n');
      rest = lines.pop()!;
      for (const line of lines) names.push(JSON.parse(line).object.metadata.name ?? line);
    }
    names.push('the end of the stream');
  };
  read().catch((error) => stop.signal.aborted || names.push(String(error)));
  return stop;
}
