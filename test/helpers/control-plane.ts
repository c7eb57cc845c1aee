/** An API server over a store in memory, a client and informers: all that loops need, on a clock that the test moves. */
import type { ApiRequest } from '../../src/core/api/request.ts';
import { type ApiServer, createApiServer } from '../../src/core/apiserver/index.ts';
import { sleep } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { pick, type Random, seededRandom } from '../../src/core/async/random.ts';
import type { Running } from '../../src/core/async/running.ts';
import { Client } from '../../src/core/client/client.ts';
import { createInformers, type Informers } from '../../src/core/client/informers.ts';
import { createRecorder, type EventRecorder } from '../../src/core/client/recorder.ts';
import type { Transport } from '../../src/core/client/transport.ts';
import { openEmbeddedStore } from '../../src/core/store/index.ts';
import { type VirtualClock, virtualClock } from './clock.ts';

export interface ControlPlane {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly server: ApiServer;
  /** The test's own way to the server, on which nothing fails. */
  readonly client: Client;
  /** What a loop is started with; their calls go through `options.through`. */
  readonly deps: {
    client: Client;
    informers: Informers;
    recorder: EventRecorder;
    clock: VirtualClock;
    random: Random;
    log: typeof silentLog;
  };
  /** Started loops are stopped first. */
  run<R extends Running>(running: R): R;
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  seed?: number;
  /** Stands between the loops and the server. */
  through?: (transport: Transport, clock: VirtualClock) => Transport;
}

export async function startControlPlane({
  seed = 1,
  through = (t) => t,
}: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const clock = virtualClock();
  const random = seededRandom(seed);
  const log = silentLog;
  const store = await openEmbeddedStore({ clock, log });
  const server = await createApiServer({ store, clock, random, log, portalNet: '10.0.0.0/16' });
  const client = new Client(through(server.transport, clock));
  const informers = createInformers(client, { clock, random, log });
  const recorder = createRecorder(client, { component: 'test', clock, random, log });
  const loops: Running[] = [];
  return {
    clock,
    random,
    server,
    client: new Client(server.transport),
    deps: { client, informers, recorder, clock, random, log },
    run(running) {
      loops.push(running);
      return running;
    },
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
      await informers.stop();
      await server.close();
      await store.close();
    },
  };
}

/** Starts a control plane, hands it to `body`, and stops it whatever happens. */
export async function withControlPlane(body: (plane: ControlPlane) => Promise<void>, options?: ControlPlaneOptions) {
  const plane = await startControlPlane(options);
  try {
    await body(plane);
  } finally {
    await plane.stop();
  }
}

export interface Faults {
  /** Share of writes that fail, some of them after they were done. */
  rate: number;
}

/** A transport on which writes fail at random: refused before they reach the server, or the answer is lost. */
export function faultyTransport(inner: Transport, random: Random, faults: Faults): Transport {
  const isWrite = ({ verb }: ApiRequest) => verb !== 'get' && verb !== 'list';
  return {
    ...inner,
    async send(request, signal) {
      const fails = isWrite(request) && random.next() < faults.rate;
      if (fails && pick(random, 2) === 0) throw new Error('refused by the test');
      const answer = await inner.send(request, signal);
      if (fails) throw new Error('answer lost by the test');
      return answer;
    },
  };
}

/** A transport that shows changes of one kind late, so that caches lag behind what was done. */
export function laggingTransport(inner: Transport, clock: VirtualClock, plural: string, lagMs: number): Transport {
  return {
    ...inner,
    async *watch(request, signal) {
      for await (const event of inner.watch(request, signal)) {
        if (request.kind.plural === plural) await sleep(clock, lagMs, signal);
        yield event;
      }
    },
  };
}
