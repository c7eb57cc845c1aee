/** One round: clients and watchers at work, something killed from time to time, then the check of what all of them saw. */
import type { Random } from '../../src/core/async/random.ts';
import { waitFor } from '../helpers/wait.ts';
import type { Api } from './api.ts';
import { check } from './check.ts';
import { Client, ignoreNotSent, namespaces, type World } from './clients.ts';
import type { History, Violation } from './history.ts';
import { Notebook } from './notebook.ts';
import type { Servers } from './servers.ts';
import { Watcher } from './watchers.ts';

export interface Round {
  servers: Servers;
  api: Api;
  random: Random;
  ms: number;
  /** Goes on, on a slow machine, until there were that many. */
  atLeast?: { operations: number; kills?: number };
  /** About; none without it. */
  killEveryMs?: number;
  clients?: number;
  watchers?: number;
  /** Between two requests of a client, on average. */
  restMs?: number;
  /** History that is younger must be there. */
  retentionMs: number;
  report?(line: string): void;
}

export interface Result {
  history: History;
  kills: number;
  violations: Violation[];
}

const reportEveryMs = 60_000;
/** How often it is asked whether the end has come. */
const lookEveryMs = 50;

export async function torture(round: Round): Promise<Result> {
  const { servers, api, random, ms, clients = 8, watchers = 7, restMs = 15, report = () => {} } = round;
  const end = performance.now() + ms;
  const notebook = new Notebook();
  const stop = new AbortController();
  const world: World = { api, servers: () => servers.urls(), notebook, random, stop: stop.signal };
  await makeNamespaces(world);

  const work = [
    ...Array.from({ length: clients }, (_, i) => new Client(world, i).run(restMs)),
    ...Array.from({ length: watchers }, (_, i) => new Watcher(world, i).run()),
  ];
  let kills = 0;
  let reported = performance.now();
  const { operations: operationsMin = 0, kills: killsMin = 0 } = round.atLeast ?? {};
  const isDone = () => performance.now() >= end && notebook.operations >= operationsMin && kills >= killsMin;
  try {
    while (!isDone()) {
      const pause = round.killEveryMs ? round.killEveryMs * (0.3 + 1.4 * random.next()) : lookEveryMs;
      await Promise.race([...work, passed(pause)]);
      if (!round.killEveryMs || isDone()) continue;
      await servers.disturb(random);
      kills++;
      if (performance.now() - reported < reportEveryMs) continue;
      reported = performance.now();
      report(`${notebook.operations} operations, ${kills} kills, revision ${notebook.newest}`);
    }
  } finally {
    stop.abort();
    await Promise.allSettled(work);
  }
  await Promise.all(work);
  await lastLook(world);
  const history = notebook.history(round.retentionMs);
  return { history, kills, violations: check(history) };
}

const passed = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function makeNamespaces({ api, servers }: World): Promise<void> {
  const [server] = await servers();
  for (const name of namespaces) {
    const { code, body } = await api.call(server!, 'POST', '/api/v1/namespaces', { metadata: { name } });
    if (code !== 201) throw new Error(`cannot make namespace ${name}: ${body.message}`);
  }
}

/** Whatever was answered must be there in the end, too. */
async function lastLook(world: World): Promise<void> {
  const client = new Client(world, 2_000);
  await waitFor(() => client.list({}).catch(ignoreNotSent), { withinMs: 60_000, what: 'the last list' });
}
