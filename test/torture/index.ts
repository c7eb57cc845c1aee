/**
 * Torture: does an API server keep its promises while it is killed again and again?
 * `npm run torture -- [--minutes N] [--seed S] [--store etcd]` prints operations, kills and violations; with any it
 * ends with code 1 and leaves the smallest history that shows each in a file. The parts: history.ts what is written down,
 * check.ts what is checked, run.ts how a round goes.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../src/core/async/random.ts';
import { httpApi } from './api.ts';
import { embeddedServers } from './embedded.ts';
import { etcdServers } from './etcd.ts';
import { torture } from './run.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    store: { type: 'string', default: 'embedded' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const killEveryMs = 6_000;
const compactionSeconds = 10;

const say = (line: string) => console.log(`torture: ${line}`);
const stores: Record<string, typeof etcdServers> = { embedded: embeddedServers, etcd: etcdServers };
const start = stores[values.store];
if (!start) throw new Error(`--store ${values.store}: there are embedded and etcd`);
say(`${minutes} minutes, seed ${seed}, store ${values.store}`);
const servers = await start(`${compactionSeconds}s`);
const api = httpApi();
try {
  const { history, kills, violations } = await torture({
    servers,
    api,
    random: seededRandom(seed),
    ms: minutes * 60_000,
    killEveryMs,
    // Half of it, for a busy machine lets clients hear late of a revision.
    retentionMs: compactionSeconds * 500,
    report: say,
  });
  const streams = history.watches.flatMap(({ connections }) => connections);
  const events = streams.reduce((sum, { seen }) => sum + seen.length, 0);
  const unanswered = history.operations.filter(({ outcome }) => outcome === 'unknown').length;
  say(`${history.operations.length} operations, ${unanswered} of them unanswered, ${history.lists.length} lists`);
  say(`${streams.length} watch streams with ${events} events`);
  say(`${kills} kills`);
  say(`${violations.length} violations`);
  if (violations.length > 0) {
    for (const { promise, message } of violations.slice(0, 20)) say(`${promise}: ${message}`);
    const file = join(tmpdir(), `torture-${values.store}-${seed}.json`);
    writeFileSync(file, JSON.stringify(violations, undefined, 2));
    say(`written to ${file}`);
    process.exitCode = 1;
  }
} finally {
  api.close();
  await servers.stop();
}
