/**
 * What the scheduler knows of the cluster: nodes with the sums over their pods, fed one change at a time. A pod that was
 * just placed counts at once ("assumed") until the informer shows it on its node; so one turn can place many pods.
 */
import { sameValue } from '../api/equal.ts';
import type { Node, Pod, Service } from '../api/kinds/index.ts';
import { keyOf, type Stored } from '../api/object.ts';
import { isFinished } from '../api/states.ts';
import type { Surroundings } from './algorithm.ts';
import { NodeState } from './node-state.ts';
import { type PodRequirements, requirementsOf } from './requirements.ts';
import { ServicePods } from './service-pods.ts';

interface Placement {
  readonly pod: PodRequirements;
  readonly node: NodeState;
  readonly assumed: boolean;
}

export class ClusterState implements Surroundings {
  /** Nodes with a Node object; pods may name others. */
  nodes: readonly NodeState[] = [];
  readonly #nodes = new Map<string, NodeState>();
  readonly #placements = new Map<string, Placement>();
  readonly #services = new ServicePods();
  /** Nodes on which a pod may fit that did not before; whoever tries the waiting pods on them clears it. */
  readonly relieved = new Set<NodeState>();

  servicePods(pod: PodRequirements): ReadonlyMap<string, number> {
    return this.#services.of(pod);
  }

  setNode(node: Stored<Node>): void {
    const { name } = node.metadata;
    const state = this.#node(name);
    const { unavailable, labels, capacity } = state;
    state.setNode(node);
    if (!this.nodes.includes(state)) this.nodes = [...this.nodes, state];
    // Heartbeats change none of these; they must not send every waiting pod around again.
    const same = sameValue(
      { unavailable, labels, capacity },
      { unavailable: state.unavailable, labels: state.labels, capacity: state.capacity },
    );
    if (!same) this.#relieve(state);
  }

  removeNode(name: string): void {
    const state = this.#nodes.get(name);
    if (!state) return;
    state.setNode(undefined);
    this.nodes = this.nodes.filter((other) => other !== state);
    this.relieved.delete(state);
    if (state.pods === 0) this.#nodes.delete(name);
  }

  /** A pod was added or changed. Finished pods hold nothing any more; those being deleted do until they are gone. */
  setPod(pod: Stored<Pod>): void {
    const { nodeName } = pod.spec;
    const known = this.#placements.get(keyOf(pod));
    const finished = isFinished(pod);
    if (!nodeName && !finished && known?.assumed && known.pod.uid === pod.metadata.uid) return;

    const node = nodeName && !finished ? nodeName : undefined;
    if (known) this.#take(known);
    if (node) this.#place({ pod: requirementsOf(pod), node: this.#node(node), assumed: false });
    if (known && known.node.name !== node) this.#relieve(known.node);
  }

  removePod(pod: Stored<Pod>): void {
    const known = this.#placements.get(keyOf(pod));
    if (!known) return;
    this.#take(known);
    this.#relieve(known.node);
  }

  /** Counts the pod on the node from now on; replaces an older assumption. */
  assume(pod: PodRequirements, node: NodeState): void {
    this.forget(pod);
    this.#place({ pod, node, assumed: true });
  }

  isAssumed({ key, uid }: PodRequirements): boolean {
    const known = this.#placements.get(key);
    return known?.assumed === true && known.pod.uid === uid;
  }

  /** Takes back an assumption that nothing confirmed. True if there was one. */
  forget(pod: PodRequirements): boolean {
    if (!this.isAssumed(pod)) return false;
    const known = this.#placements.get(pod.key)!;
    this.#take(known);
    this.#relieve(known.node);
    return true;
  }

  setService(service: Stored<Service>): void {
    this.#services.setService(service, this.#placed());
  }

  removeService(service: Stored<Service>): void {
    this.#services.removeService(service);
  }

  #node(name: string): NodeState {
    let state = this.#nodes.get(name);
    if (!state) {
      state = new NodeState(name);
      this.#nodes.set(name, state);
    }
    return state;
  }

  #place(placement: Placement): void {
    const { pod, node } = placement;
    this.#placements.set(pod.key, placement);
    node.add(pod);
    this.#services.count(pod, node.name, 1);
  }

  #take({ pod, node }: Placement): void {
    this.#placements.delete(pod.key);
    node.remove(pod);
    this.#services.count(pod, node.name, -1);
    if (node.pods === 0 && !this.nodes.includes(node)) this.#nodes.delete(node.name);
  }

  #relieve(node: NodeState): void {
    if (!node.unavailable) this.relieved.add(node);
  }

  *#placed(): Generator<[PodRequirements, string]> {
    for (const { pod, node } of this.#placements.values()) yield [pod, node.name];
  }
}
