/** What /metrics tells. Counting costs well under a microsecond a request; everything else is looked up when asked for. */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Store } from '../../store/store.ts';
import type { WatchHub } from '../watch/hub.ts';
import { exposition, type Family, Histogram, type Sample } from './exposition.ts';
import { RequestMetrics } from './requests.ts';

export { expositionType } from './exposition.ts';

/** Seconds. A commit in memory takes microseconds, one on disk a few milliseconds. */
const commitBounds = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** What the HTTP server is at. */
interface Load {
  readonly requestsInFlight: number;
  readonly longAnswers: number;
}

/** What is looked up at each scrape. */
interface Scraped {
  readonly version: string;
  readonly store: Store;
  readonly hub: WatchHub;
  readonly http: Load;
  readonly queueDepths: Readonly<Record<string, number>>;
}

export class Metrics {
  readonly requests = new RequestMetrics();
  /** From handing a write to the store to its answer. */
  readonly commits = new Histogram(commitBounds);
  readonly #lag = new EventLoopLag();

  text({ version, store, hub, http, queueDepths }: Scraped): string {
    const { keys, bytesOnDisk, freeBytesOnDisk, watchers: storeWatchers, pendingTxns, ...stats } = store.stats();
    const compactionSeconds = stats.lastCompactionMs === undefined ? undefined : stats.lastCompactionMs / 1000;
    return exposition([
      ...this.requests.families(),
      gauge('apiserver_current_inflight_requests', 'Requests that are on their way.', http.requestsInFlight),
      gauge('apiserver_longrunning_requests', 'Watches, logs and relays that are open.', http.longAnswers),
      gauge('apiserver_watchers', 'Open watches.', hub.watchers),
      gauge('apiserver_watch_queue_events', 'Events that watchers have not read yet.', hub.queued),
      {
        name: 'store_commit_duration_seconds',
        type: 'histogram',
        help: 'Time from handing a write to the store to its answer.',
        samples: this.commits.samples(),
      },
      gauge('store_keys', 'Keys in the store.', keys),
      gauge('store_bytes', 'Bytes of the store on disk.', bytesOnDisk),
      gauge('store_free_bytes', 'Of those, bytes that are free to be used again.', freeBytesOnDisk),
      gauge('store_revision', 'The newest revision.', store.revision),
      gauge('store_compacted_revision', 'Where history begins.', store.compactedRevision),
      gauge('store_compaction_duration_seconds', 'How long the last compaction took.', compactionSeconds),
      gauge('store_watchers', 'Watches on the store.', storeWatchers),
      gauge('store_queue_transactions', 'Transactions that wait for their commit.', pendingTxns),
      {
        name: 'workqueue_depth',
        type: 'gauge',
        help: 'What waits in the queue of a loop, pods that no node takes included.',
        samples: Object.entries(queueDepths).map(([name, value]) => ({ labels: { name }, value })),
      },
      ...this.#lag.families(),
      ...processFamilies(),
      {
        name: 'kubernetes_build_info',
        type: 'gauge',
        help: 'The version, as a label.',
        samples: [{ labels: { git_version: version }, value: 1 }],
      },
    ]);
  }

  close(): void {
    this.#lag.close();
  }
}

/** A figure that is not known is left out. */
const gauge = (name: string, help: string, value: number | undefined): Family => ({
  name,
  type: 'gauge',
  help,
  samples: value === undefined ? [] : [{ value }],
});

/** Wakes the process fifty times a second, so it begins with the first look at it: who never looks pays nothing. */
class EventLoopLag {
  readonly #resolutionMs = 20;
  #histogram: IntervalHistogram | undefined;

  /** Since the last look. */
  families(): Family[] {
    const histogram = this.#histogram ?? this.#begin();
    const at = (quantile: number): Sample => ({ labels: { quantile }, value: this.#lag(histogram, quantile) });
    const samples = histogram.count > 0 ? [at(0.5), at(0.99), at(1)] : [];
    // A reset also forgets when the last interval began: looks in quick succession would never see one whole.
    if (histogram.count > 0) histogram.reset();
    const help = 'How late the event loop was, by quantile, since the last scrape; from the second scrape on.';
    return [{ name: 'nodejs_eventloop_lag_seconds', type: 'gauge', help, samples }];
  }

  close(): void {
    this.#histogram?.disable();
  }

  /** The histogram holds whole intervals, in nanoseconds. */
  #lag(histogram: IntervalHistogram, quantile: number): number {
    return Math.max(0, histogram.percentile(quantile * 100) / 1e9 - this.#resolutionMs / 1000);
  }

  #begin(): IntervalHistogram {
    this.#histogram = monitorEventLoopDelay({ resolution: this.#resolutionMs });
    this.#histogram.enable();
    return this.#histogram;
  }
}

function processFamilies(): Family[] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return [
    {
      name: 'process_cpu_seconds_total',
      type: 'counter',
      help: 'Processor time used.',
      samples: [{ value: (user + system) / 1e6 }],
    },
    gauge('process_resident_memory_bytes', 'Memory in use.', rss),
    gauge('nodejs_heap_size_used_bytes', 'Memory in use by objects.', heapUsed),
    gauge('process_start_time_seconds', 'When the process started.', performance.timeOrigin / 1000),
  ];
}
