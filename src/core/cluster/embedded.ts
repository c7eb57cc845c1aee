/**
 * A cluster inside the process of one verb: when no server is named and no daemon runs, the verb starts the core on the data
 * directory, does its work, lets the loops settle and stops. Containers keep running in Docker.
 */
import { Pod, ReplicationController } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { realClock } from '../async/clock.ts';
import { silentLog } from '../async/log.ts';
import { systemRandom } from '../async/random.ts';
import type { Transport } from '../client/transport.ts';
import { Cluster } from './cluster.ts';
import { readConfig, writeConfig } from './config.ts';
import { newConfig } from './defaults.ts';
import { clusterNameOf } from './paths.ts';
import { allRoles } from './roles.ts';

export interface EmbeddedCluster {
  transport: Transport;
  /** Resolves when the loops have nothing left to do, or after a time-out: what still waits is shown by `get`. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

const settleTimeoutMs = 30_000;

/** `name` is that of a new cluster. */
export async function openEmbeddedCluster(dataDir: string, name?: string): Promise<EmbeddedCluster> {
  let config = readConfig(dataDir);
  if (!config) {
    config = newConfig({ name: clusterNameOf(dataDir, name), machines: 1, runtime: 'docker', port: 0 });
    writeConfig(dataDir, config);
  }
  const cluster = await Cluster.start({
    config,
    dataDir,
    roles: new Set(allRoles),
    listen: false,
    save: (changed) => writeConfig(dataDir, changed),
    clock: realClock,
    random: systemRandom,
    log: silentLog,
  });
  await cluster.machines?.ready(settleTimeoutMs);
  return { transport: cluster.transport, settle: () => settled(cluster), close: () => cluster.stop() };
}

/** Watches pods and controllers until all of them are where they can get. */
function settled(cluster: Cluster): Promise<void> {
  const pods = cluster.informers.for(Pod);
  const controllers = cluster.informers.for(ReplicationController);
  return new Promise((resolve) => {
    const subscriptions: (() => void)[] = [];
    const finish = () => {
      timer.cancel();
      for (const unsubscribe of subscriptions) unsubscribe();
      resolve();
    };
    const look = () => {
      if ([...pods.list()].every(podSettled) && [...controllers.list()].every(controllerSettled)) finish();
    };
    const timer = realClock.after(settleTimeoutMs, finish);
    subscriptions.push(pods.subscribe(look), controllers.subscribe(look));
    look();
  });
}

/** Runs, has ended, or waits for something that time alone will not bring (an image that is not there, a crash loop). */
function podSettled(pod: Stored<Pod>): boolean {
  if (pod.metadata.deletionTimestamp) return false;
  const { phase, containerStatuses = [], conditions = [] } = pod.status;
  if (phase === 'Succeeded' || phase === 'Failed') return true;
  if (conditions.some((c) => c.type === 'PodScheduled' && c.status === 'False')) return true;
  if (containerStatuses.some((c) => /BackOff|^Err|Error$/.test(c.state.waiting?.reason ?? ''))) return true;
  return phase === 'Running' && containerStatuses.every((c) => c.state.running || c.state.terminated);
}

function controllerSettled(rc: Stored<ReplicationController>): boolean {
  const { replicas, observedGeneration = 0 } = rc.status;
  return replicas === (rc.spec.replicas ?? 1) && observedGeneration >= (rc.metadata.generation ?? 0);
}
