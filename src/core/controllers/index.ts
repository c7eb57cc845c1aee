/**
 * Controllers: loops that bring the cluster to what its objects ask for. A new one is a file and a line below.
 *
 * May import: core/async, core/api, core/client, core/reconcile.
 */
import type { Logger } from '../async/log.ts';
import type { Random } from '../async/random.ts';
import type { Queueing } from '../async/running.ts';
import type { Controller, Step } from '../reconcile/controller.ts';
import { startController } from '../reconcile/runner.ts';
import type { ControllerDeps } from './deps.ts';
import { endpointsController } from './endpoints.ts';
import { garbageCollector } from './garbage-collector.ts';
import { namespaceController } from './namespaces.ts';
import { type NodeCheckOptions, nodeCheckController } from './node-check.ts';
import { nodeCidrController } from './node-cidrs.ts';
import { nodeLifecycleController } from './node-lifecycle.ts';
import type { HealthOptions } from './node-lifecycle-plan.ts';
import { defaultSyncPeriodMs, type MachineProvider, type NodeSyncOptions, nodeSyncController } from './node-sync.ts';
import { podGarbageCollector } from './pod-gc.ts';
import { replicationController } from './replication.ts';
import { resourceQuotaController } from './resource-quotas.ts';
import { serviceAccountController } from './service-accounts.ts';

export type { MachineProvider };

export interface ControllersOptions extends ControllerDeps {
  random: Random;
  log: Logger;
  /** How fast dead nodes are noticed; as in Kubernetes 0.17 unless given. */
  health?: Partial<HealthOptions>;
  /** Which nodes there are to be; only those that others create unless given. */
  nodes?: NodeSyncOptions;
  /** What nodes without a pod range are given one of; nobody gives any unless named. */
  podNet?: string | undefined;
  probeNode?: NodeCheckOptions['probe'];
}

export function startControllers(options: ControllersOptions): Queueing {
  const start = <S extends Step>(controller: Controller<S>) => startController(controller, options);
  const { nodes = {}, podNet, probeNode } = options;
  const check = { periodMs: nodes.syncPeriodMs ?? defaultSyncPeriodMs, ...(probeNode && { probe: probeNode }) };
  const running = [
    start(replicationController(options)),
    start(endpointsController(options)),
    start(nodeSyncController(options, nodes)),
    start(nodeCheckController(options, check)),
    start(nodeLifecycleController(options, options.health)),
    ...(podNet ? [start(nodeCidrController(options, { podNet }))] : []),
    start(namespaceController(options)),
    start(garbageCollector(options)),
    start(podGarbageCollector(options)),
    start(resourceQuotaController(options)),
    start(serviceAccountController(options)),
  ];
  return {
    async stop() {
      await Promise.all(running.map((one) => one.stop()));
    },
    queueDepths: () => Object.assign({}, ...running.map((one) => one.queueDepths())),
  };
}
