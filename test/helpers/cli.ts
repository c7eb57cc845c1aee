/** Runs command lines in this process against a real API server in this process. */
import { verbs } from '../../src/commands/index.ts';
import { Node } from '../../src/core/api/kinds/index.ts';
import { type ApiServer, createApiServer } from '../../src/core/apiserver/index.ts';
import { type Clock, realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { seededRandom } from '../../src/core/async/random.ts';
import { connectionOver } from '../../src/core/cli/connection.ts';
import type { Context } from '../../src/core/cli/context.ts';
import { main } from '../../src/core/cli/main.ts';
import { Client } from '../../src/core/client/client.ts';
import { createInformers } from '../../src/core/client/informers.ts';
import { Fleet } from '../../src/core/machines/fleet/index.ts';
import { openEmbeddedStore, type Store } from '../../src/core/store/index.ts';

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  stdin?: string;
  env?: Record<string, string>;
  program?: string;
  /** A terminal so wide; none unless given. */
  columns?: number;
  signal?: AbortSignal;
  /** Called with all that stdout has got so far. */
  onOutput?: (stdout: string) => void;
}

/** Runs one command line without a server, or with the one it names itself. */
export async function runCli(
  argv: readonly string[],
  options: RunOptions = {},
  connect?: Context['connect'],
): Promise<Outcome> {
  const outcome = { code: -1, stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    columns: options.columns,
    write(data: string | Uint8Array) {
      outcome[name] += typeof data === 'string' ? data : Buffer.from(data).toString();
      if (name === 'stdout') options.onOutput?.(outcome.stdout);
    },
  });
  const context: Context = {
    stdin: (async function* () {
      yield options.stdin ?? '';
    })(),
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env: options.env ?? {},
    clock: realClock,
    signal: options.signal ?? new AbortController().signal,
    verbosity: 0,
    ...(connect ? { connect } : {}),
  };
  outcome.code = await main({ argv, ...(options.program ? { program: options.program } : {}) }, verbs, context);
  return outcome;
}

export interface TestCluster {
  client: Client;
  server: ApiServer;
  run(argv: string | readonly string[], options?: RunOptions): Promise<Outcome>;
  close(): Promise<void>;
}

/** An API server on a store in memory, with nothing that would change objects behind a test's back. */
export async function startApi({ clock = realClock }: { clock?: Clock } = {}): Promise<TestCluster> {
  const store: Store = await openEmbeddedStore({ clock, log: silentLog });
  const options = { store, clock, random: seededRandom(1), log: silentLog, portalNet: '10.0.0.0/16' };
  const server = await createApiServer(options);
  const client = new Client(server.transport);
  const informers = createInformers(client, options);
  const fleet = new Fleet({ nodes: informers.for(Node), client, clock });
  server.addService('/fleet/', (request) => fleet.handle(request));
  const connect: Context['connect'] = async ({ namespace }) =>
    connectionOver(server.transport, { server: 'http://test', namespace, settle: async () => {} });
  return {
    client,
    server,
    run: (argv, runOptions) => runCli(typeof argv === 'string' ? argv.split(' ') : argv, runOptions, connect),
    async close() {
      await fleet.stop();
      await informers.stop();
      await server.close();
      await store.close();
    },
  };
}
