/**
 * How long a pod takes on Docker, from nothing to a started container: `npx tsx test/bench/runtime.ts [pods]`.
 * Needs an engine; leaves nothing behind.
 */
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import { connectDocker } from '../../src/core/runtime/docker/index.ts';
import { ensureTestImage } from '../helpers/images.ts';

const count = Number(process.argv[2] ?? 15);
const cluster = `bench-${process.pid}`;
const took: Record<string, number[]> = {};

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  const result = await work();
  took[what] = [...(took[what] ?? []), performance.now() - begin];
  return result;
}

async function main(): Promise<void> {
  const engine = await timed('connect', () =>
    connectDocker({ clock: realClock, random: systemRandom, log: silentLog }),
  );
  const image = await ensureTestImage();
  await engine.ensurePauseImage();
  try {
    await timed('network', () => engine.ensureNetwork({ cluster, subnet: '10.213.0.0/16', gateway: '10.213.0.1' }));
    const machine = engine.machine({ cluster, machine: 'core-01' });
    for (let i = 0; i < count; i++) {
      const pod = { namespace: 'default', name: `pod-${i}`, uid: `uid-${i}` };
      const ip = `10.213.1.${i + 2}`;
      const sandbox = { pod, hostname: pod.name, ip, hostNetwork: false, ports: [], annotations: {} };
      const container = {
        pod,
        name: 'main',
        specHash: 'abc',
        image,
        command: ['sleep', '600'],
        env: [],
        mounts: [],
        privileged: false,
        readOnlyRootFilesystem: false,
        addCapabilities: [],
        dropCapabilities: [],
        tty: false,
        stdin: false,
        graceSeconds: 5,
        annotations: {},
      };
      const id = await timed('both together', async () => {
        const id = await timed('sandbox', () => machine.runSandbox(sandbox));
        await timed('container', () => machine.startContainer(id, container));
        return id;
      });
      await timed('list', () => machine.listPods());
      await timed('remove', () => machine.removeSandbox(id));
    }
  } finally {
    await engine.removeCluster(cluster);
    await engine.close();
  }
  for (const [what, values] of Object.entries(took)) {
    const sorted = values.sort((a, b) => a - b);
    const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))]!.toFixed(1).padStart(7);
    console.log(`${what.padEnd(14)} median ${at(0.5)} ms   least ${at(0)}   most ${at(1)}   n=${sorted.length}`);
  }
}

await main();
