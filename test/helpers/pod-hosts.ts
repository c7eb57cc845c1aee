/** Two hosts as network namespaces, on links of their own with a router between that knows nothing of pods; a pod on each. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../../src/core/async/process.ts';
import { inNamespace } from '../../src/core/network/namespaces.ts';

export interface PodHost {
  name: string;
  namespace: string;
  address: string;
  podCIDR: string;
  /** Namespace and address of its one pod. */
  pod: { namespace: string; address: string };
}

const agentFile = fileURLToPath(
  new URL(`../integration/route-agent.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
);

export class PodHosts {
  readonly id = randomBytes(3).toString('hex');
  readonly router = `kubecfg-test-${this.id}-router`;
  readonly a = this.#host('a', 1, '198.51.100.2');
  readonly b = this.#host('b', 2, '203.0.113.2');
  readonly #children: ChildProcess[] = [];
  readonly #agents = new Map<PodHost, ChildProcess>();

  async make(): Promise<void> {
    await runProcess('ip', ['netns', 'add', this.router]);
    await this.in(this.router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    for (const host of [this.a, this.b]) await this.#make(host);
  }

  /** Tells a host's route agent, which it starts, which nodes there are. */
  setNodes(host: PodHost, nodes: readonly PodHost[]): void {
    const agent = this.#agents.get(host) ?? this.#startAgent(host);
    const objects = nodes.map(({ name, address, podCIDR }) => ({
      metadata: { name },
      spec: { podCIDR, podCIDRs: [podCIDR] },
      status: { addresses: [{ type: 'InternalIP', address }] },
    }));
    agent.stdin!.write(`${JSON.stringify(objects)}\n`);
  }

  /** Ends the agent of a host that leaves. */
  async leave(host: PodHost): Promise<void> {
    const agent = this.#agents.get(host)!;
    agent.stdin!.end();
    await once(agent, 'close');
  }

  /** Runs a program there to its end. */
  in(namespace: string, ...command: string[]): Promise<string> {
    const [program = '', ...args] = inNamespace(namespace, command);
    return runProcess(program, args);
  }

  /** Starts one there that ends with the hosts. */
  start(namespace: string, ...command: string[]): ChildProcess {
    const [program = '', ...args] = inNamespace(namespace, command);
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#children.push(child);
    return child;
  }

  async remove(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    const namespaces = [this.router, ...[this.a, this.b].flatMap(({ namespace, pod }) => [pod.namespace, namespace])];
    for (const namespace of namespaces) await runProcess('ip', ['netns', 'delete', namespace]).catch(() => {});
  }

  #host(name: string, n: number, address: string): PodHost {
    const namespace = `kubecfg-test-${this.id}-${name}`;
    const pod = { namespace: `${namespace}-pod`, address: `10.244.${n}.2` };
    return { name, namespace, address, podCIDR: `10.244.${n}.0/24`, pod };
  }

  async #make({ name, namespace, address, pod }: PodHost): Promise<void> {
    const gateway = address.replace(/\d+$/, '1');
    const bridge = pod.address.replace(/\d+$/, '1');
    const namespaces = [namespace, pod.namespace].map((one) => `netns add ${one}`);
    const pairs = [
      `link add eth0 netns ${namespace} type veth peer name to-${name} netns ${this.router}`,
      `link add eth0 netns ${pod.namespace} type veth peer name pod netns ${namespace}`,
    ];
    await batch([], [...namespaces, ...pairs]);
    await batch(['-n', this.router], [`address add ${gateway}/24 dev to-${name}`, `link set to-${name} up`]);
    await batch(
      ['-n', namespace],
      [
        'link set lo up',
        `address add ${address}/24 dev eth0`,
        'link set eth0 up',
        `route add default via ${gateway}`,
        'link add br0 type bridge',
        `address add ${bridge}/24 dev br0`,
        'link set br0 up',
        'link set pod master br0 up',
      ],
    );
    const inside = ['link set lo up', `address add ${pod.address}/24 dev eth0`, 'link set eth0 up'];
    await batch(['-n', pod.namespace], [...inside, `route add default via ${bridge}`]);
  }

  #startAgent(host: PodHost): ChildProcess {
    const { name, address, podCIDR } = host;
    const machine = { name, address, podCIDR, bridge: 'br0' };
    const options = { cluster: this.id, podNet: '10.244.0.0/16', portalNet: '10.0.0.0/16', machine };
    const program = [process.execPath, ...process.execArgv.filter((arg) => !arg.startsWith('--test'))];
    const agent = this.start(host.namespace, ...program, agentFile, JSON.stringify(options));
    this.#agents.set(host, agent);
    return agent;
  }
}

async function batch(where: string[], lines: readonly string[]): Promise<void> {
  await runProcess('ip', [...where, '-batch', '-'], `${lines.join('\n')}\n`);
}
