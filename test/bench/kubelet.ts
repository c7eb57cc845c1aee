/** 200 hollow kubelets and their API server in one process: pods from bound to Running, and what it costs to be idle. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Pod } from '../../src/core/api/kinds/index.ts';
import { createApiServer } from '../../src/core/apiserver/index.ts';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import { Client } from '../../src/core/client/client.ts';
import { createInformers } from '../../src/core/client/informers.ts';
import { createRecorder } from '../../src/core/client/recorder.ts';
import { startKubelet } from '../../src/core/kubelet/index.ts';
import { createHollowRuntime } from '../../src/core/runtime/hollow.ts';
import { openEmbeddedStore } from '../../src/core/store/index.ts';
import { waitFor } from '../helpers/wait.ts';

const nodes = 200;
const podsEach = 25;
const idleSeconds = 10;
const heartbeatMs = 10_000;
const deps = { clock: realClock, random: systemRandom, log: silentLog };
const megabytes = () => {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().rss / 2 ** 20);
};
const say = (what: string, text: string) => console.log(`${what.padEnd(36)} ${text}`);

const store = await openEmbeddedStore(deps);
const server = await createApiServer({ store, ...deps, portalNet: '10.0.0.0/16' });
const client = new Client(server.transport);
const informers = createInformers(client, deps);
const pods = informers.for(Pod);
await pods.synced();
const before = megabytes();

let begun = performance.now();
const names = Array.from({ length: nodes }, (_, n) => `core-${n + 1}`);
const kubelets = names.map((name, n) =>
  startKubelet({
    ...{ client, informers, ...deps, heartbeatMs },
    recorder: createRecorder(client, { component: 'kubelet', host: name, ...deps }),
    runtime: createHollowRuntime({ ...deps, machine: name }),
    node: { name, machineID: String(n).padStart(32, '0'), address: `172.17.${n}.1`, podCIDR: `10.244.${n}.0/24` },
  }),
);
await informers.synced();
say(`${nodes} kubelets`, `${Math.round(performance.now() - begun)} ms, ${megabytes() - before} MB`);

begun = performance.now();
let running = 0;
pods.subscribe((change) => {
  const wasRunning = change.type === 'modified' && change.old.status.phase === 'Running';
  if (change.type !== 'deleted' && change.object.status.phase === 'Running' && !wasRunning) running++;
});
const cpuBefore = process.cpuUsage();
await Promise.all(
  names.flatMap((nodeName) =>
    Array.from({ length: podsEach }, (_, i) =>
      client.create(Pod, {
        metadata: { name: `${nodeName}-${i}`, namespace: 'default' },
        spec: { nodeName, containers: [{ name: 'main', image: 'app:1' }] },
      }),
    ),
  ),
);
const created = performance.now() - begun;
await waitFor(() => running >= nodes * podsEach, { withinMs: 120_000 });
const took = performance.now() - begun;
const cpu = process.cpuUsage(cpuBefore);
const total = nodes * podsEach;
say(`${total} pods created`, `${Math.round(created)} ms`);
say(
  '… and Running',
  `${Math.round(took)} ms: ${Math.round(total / (took / 1000))} pods/s, ${Math.round((cpu.user + cpu.system) / total)} µs of processor each`,
);
await sleep(3_000);
say('resident', `${megabytes()} MB (${before} before the kubelets)`);

const idleBefore = process.cpuUsage();
await sleep(idleSeconds * 1000);
const idle = process.cpuUsage(idleBefore);
say(
  `idle, heartbeats every ${heartbeatMs / 1000} s`,
  `${((idle.user + idle.system) / 1e4 / idleSeconds).toFixed(1)} % of a core`,
);

await Promise.all(kubelets.map((kubelet) => kubelet.stop()));
await informers.stop();
await server.close();
await store.close();
