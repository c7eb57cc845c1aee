/** /metrics: what was asked is counted, in a form that Prometheus reads. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { exposition, Histogram } from '../../../src/core/apiserver/metrics/exposition.ts';
import { RequestMetrics } from '../../../src/core/apiserver/metrics/requests.ts';
import { type Harness, HttpWatch, podBody, pods, startServer } from './harness.ts';

let h: Harness;
before(async () => {
  h = await startServer({ version: 'v1.2.3', queueDepths: () => ({ replication: 3, scheduler: 0 }) });
});

async function scrape(): Promise<Map<string, number>> {
  const { text } = await h.get('/metrics');
  const lines = text.trimEnd().split('\n');
  return new Map(
    lines
      .filter((line) => !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}
const total = (verb: string, resource: string, code: number, subresource = '') =>
  `apiserver_request_total{verb="${verb}",resource="${resource}",subresource="${subresource}",code="${code}"}`;

test('requests are counted by verb, resource and code', async () => {
  await h.post(pods, podBody('counted'));
  await h.post(pods, podBody('counted'));
  await h.get(`${pods}/counted`);
  await h.get(`${pods}/nosuch`);
  await h.get('/api/v1/pods');
  await h.merge(`${pods}/counted/status`, { status: { message: 'counted' } });
  await h.delete(pods);
  await h.call('BREW', pods);
  await h.get('/nothing');

  const samples = await scrape();
  assert.equal(samples.get(total('POST', 'pods', 201)), 1);
  assert.equal(samples.get(total('POST', 'pods', 409)), 1);
  assert.equal(samples.get(total('GET', 'pods', 200)), 1);
  assert.equal(samples.get(total('GET', 'pods', 404)), 1);
  assert.equal(samples.get(total('LIST', 'pods', 200)), 1);
  assert.equal(samples.get(total('PATCH', 'pods', 200, 'status')), 1);
  assert.equal(samples.get(total('DELETECOLLECTION', 'pods', 200)), 1);
  assert.equal(samples.get(total('GET', '', 404)), 1);
  const durations = 'apiserver_request_duration_seconds';
  const labels = 'verb="POST",resource="pods",subresource=""';
  assert.equal(samples.get(`${durations}_count{${labels}}`), 2);
  assert.equal(samples.get(`${durations}_bucket{${labels},le="+Inf"}`), 2);
  assert.ok(samples.get(`${durations}_sum{${labels}}`)! > 0);
});

test('watches are told while they last, and their lengths spoil no histogram', async () => {
  const watch = new HttpWatch(h.port, '/api/v1/nodes?watch=true');
  await watch.open();
  assert.equal((await scrape()).get('apiserver_watchers'), 1);
  watch.close();
  await watch.end();
  // The server learns of it a turn later.
  while ((await scrape()).get('apiserver_watchers') !== 0);

  const samples = await scrape();
  assert.equal(samples.get(total('WATCH', 'nodes', 200)), 1);
  const count = 'apiserver_request_duration_seconds_count{verb="WATCH",resource="nodes",subresource=""}';
  assert.equal(samples.get(count), 0);
});

test('the store, the process and the version', async () => {
  const { headers } = await h.get('/metrics');
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  const samples = await scrape();
  assert.ok(samples.get('store_commit_duration_seconds_count')! > 0);
  assert.ok(samples.get('store_keys')! > 0);
  assert.equal(samples.get('store_queue_transactions'), 0);
  assert.equal(samples.get('workqueue_depth{name="replication"}'), 3);
  assert.equal(samples.get('store_revision'), h.store.revision);
  assert.equal(samples.get('store_compacted_revision'), 0);
  assert.equal(samples.has('store_compaction_duration_seconds'), false);
  await h.store.compact(h.store.revision);
  const later = await scrape();
  assert.equal(later.get('store_compacted_revision'), h.store.revision);
  assert.ok(later.get('store_compaction_duration_seconds')! >= 0);
  assert.equal(samples.get('apiserver_current_inflight_requests'), 0);
  assert.equal(samples.get('apiserver_longrunning_requests'), 0);
  assert.ok(samples.get('process_resident_memory_bytes')! > 1e6);
  assert.equal(samples.get('kubernetes_build_info{git_version="v1.2.3"}'), 1);
});

test('the lag of the event loop is told from the second scrape on', async () => {
  await scrape();
  let samples = await scrape();
  while (!samples.has('nodejs_eventloop_lag_seconds{quantile="0.99"}')) samples = await scrape();
  assert.ok(samples.get('nodejs_eventloop_lag_seconds{quantile="0.99"}')! >= 0);
});

test('the text form', () => {
  const histogram = new Histogram([0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value);
  const text = exposition([
    { name: 'a_total', type: 'counter', help: 'Help.', samples: [{ labels: { path: 'a"\\\nb' }, value: 2 }] },
    { name: 'empty', type: 'gauge', help: 'Left out.', samples: [] },
    { name: 'b', type: 'histogram', help: 'Sizes.', samples: histogram.samples({ x: 'y' }) },
  ]);
  assert.equal(
    text,
    `# HELP a_total Help.
# TYPE a_total counter
a_total{path="a\\"\\\\\\nb"} 2
# HELP b Sizes.
# TYPE b histogram
b_bucket{x="y",le="0.1"} 2
b_bucket{x="y",le="1"} 3
b_bucket{x="y",le="+Inf"} 4
b_sum{x="y"} 7.65
b_count{x="y"} 4
`,
  );
});

test('recording a request costs less than the microsecond it may', () => {
  const metrics = new RequestMetrics();
  const once = () => {
    const begun = performance.now();
    for (let i = 0; i < 20_000; i++) metrics.record('GET', 'pods', '', 200, 0.001);
    return (performance.now() - begun) / 20_000;
  };
  // The best of some rounds, for other processes of the machine have their turns too.
  const best = Math.min(...Array.from({ length: 10 }, once));
  assert.ok(best < 0.001, `${best * 1e6} ns`);
});
