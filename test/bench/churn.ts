/**
 * An hour of steady churn on the embedded store, as fast as it goes: `npm run bench -- churn`. Pods come, report their
 * status and go, history is given up every five minutes of the hour's own time; what the file needs must not grow.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../src/core/async/log.ts';
import { pick, seededRandom } from '../../src/core/async/random.ts';
import { type Op, openEmbeddedStore, type Store } from '../../src/core/store/index.ts';
import { virtualClock } from '../helpers/clock.ts';

const minutes = 60;
const writesPerSecond = 100;
const objects = 10_000;
const atOnce = 64;
const random = seededRandom(1);

/** Of a pod's size, now larger, now smaller. */
const value = () => Buffer.alloc(700 + pick(random, 1_300), 'x');

function anyWrite(): Op {
  const key = `/registry/pods/default/web-${pick(random, objects)}`;
  return pick(random, 10) === 0 ? { type: 'delete', key } : { type: 'put', key, value: value() };
}

async function write(store: Store, count: number): Promise<void> {
  for (let done = 0; done < count; done += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, count - done) }, () => store.txn({ then: [anyWrite()] })));
  }
}

const megabytes = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(1)} MB`;

const dir = mkdtempSync(join(tmpdir(), 'kubecfg-bench-churn-'));
try {
  // Real where a duration is measured.
  const clock = { ...virtualClock(), monotonic: () => performance.now() };
  const store = await openEmbeddedStore({ dir, clock, log: silentLog });
  const begun = performance.now();
  for (let minute = 1; minute <= minutes; minute++) {
    await write(store, 60 * writesPerSecond);
    await clock.advance(60_000);
    if (minute % 10 > 0) continue;
    const { keys, bytesOnDisk, freeBytesOnDisk = 0, lastCompactionMs = 0 } = store.stats();
    const { rss } = process.memoryUsage();
    console.log(
      `after ${minute} minutes: ${keys} keys, ${store.revision} revisions, file ${megabytes(bytesOnDisk)} of which ` +
        `${megabytes(freeBytesOnDisk)} are free, memory ${megabytes(rss)}, last compaction ${lastCompactionMs.toFixed(0)} ms`,
    );
  }
  console.log(
    `${minutes} minutes at ${writesPerSecond} writes/s took ${((performance.now() - begun) / 1000).toFixed(1)} s`,
  );
  await store.close();
} finally {
  rmSync(dir, { recursive: true });
}
