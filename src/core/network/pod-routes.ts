/**
 * The pod network across machines: each keeps routes to the pods of all others, as the Node objects say, and puts back
 * what somebody took away. Routes carry a protocol number of ours, by which they are found again after a crash. They stay
 * when this process ends: the pods run on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline';
import { contains, parseCidr } from '../api/cidr.ts';
import type { Node } from '../api/kinds/index.ts';
import type { Clock, Timer } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import { runProcess } from '../async/process.ts';
import type { Running } from '../async/running.ts';
import type { Informer } from '../client/informer.ts';
import { ignoreFailure } from './failures.ts';
import { applyFirewall, removeFirewall } from './pod-firewall.ts';
import { type Link, type PodMachine, type PodNets, type PodPlan, planPodNetwork, type Route } from './pod-plan.ts';
import { applyTunnel, removeTunnel, tunnelName } from './pod-tunnel.ts';

export interface PodRoutesOptions extends PodNets {
  cluster: string;
  machine: Omit<PodMachine, 'tunnel'>;
  nodes: Pick<Informer<Node>, 'synced' | 'list' | 'subscribe'>;
  clock: Clock;
  log: Logger;
}

/** rtnetlink leaves numbers from 5 on to routing programs; none is known to use this one. */
const protocol = 75;
/** What no event tells: rules that a firewall program flushed. */
const resyncEveryMs = 30_000;
const retryMs = 1_000;

export function startPodRoutes(options: PodRoutesOptions): Running {
  const routes = new PodRoutes(options);
  routes.start();
  return routes;
}

/** Takes all of it away: when the machine leaves the cluster. Harmless when there is nothing. */
export async function removePodRoutes(cluster: string): Promise<void> {
  await removeTunnel(tunnelName(cluster));
  for (const net of await removeFirewall(cluster)) {
    await runProcess('ip', ['-4', 'route', 'flush', 'root', net, 'proto', `${protocol}`]).catch(ignoreFailure);
  }
}

class PodRoutes implements Running {
  readonly #options: PodRoutesOptions;
  readonly #machine: PodMachine;
  #applied = '';
  #said = '';
  #dirty = false;
  #working: Promise<void> | undefined;
  #stopped = false;
  #unsubscribe = () => {};
  #timer: Timer | undefined;
  #monitor: ChildProcess | undefined;

  constructor(options: PodRoutesOptions) {
    this.#options = options;
    this.#machine = { ...options.machine, tunnel: tunnelName(options.cluster) };
  }

  start(): void {
    // Half a cache would take away routes that are in use.
    void this.#options.nodes.synced().then(
      () => {
        if (this.#stopped) return;
        this.#unsubscribe = this.#options.nodes.subscribe(this.#changed);
        this.#again();
      },
      () => {}, // Stopped before the cache was full.
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    await this.#working;
    this.#timer?.cancel();
    if (this.#monitor) {
      this.#monitor.stdin?.end();
      await once(this.#monitor, 'close');
    }
  }

  readonly #changed = (): void => {
    this.#dirty = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#dirty && !this.#stopped) this.#changed();
    });
  };

  /** Looks at the kernel again, though no node changed. */
  readonly #again = (): void => {
    this.#applied = '';
    this.#changed();
  };

  async #work(): Promise<void> {
    // The changes of one turn of the event loop become one application.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#stopped) return;
    this.#dirty = false;
    try {
      this.#watch();
      await this.#applyNewest();
    } catch (e) {
      this.#say(`${(e as Error).message}; trying again every ${retryMs} ms`);
      this.#lookAfter(retryMs);
    }
  }

  async #applyNewest(): Promise<void> {
    const { nodes } = this.#options;
    const present = links();
    const uplink = present.find(({ address }) => address === this.#machine.address);
    // While its cable is out, nobody is to be reached another way.
    if (!uplink) throw new Error(`no link of this machine has its address ${this.#machine.address}`);
    const plan = planPodNetwork(nodes.list(), this.#machine, this.#options, present);
    const text = JSON.stringify(plan);
    // Heartbeats change nothing here.
    if (text === this.#applied) return;
    // Before, so that what is told meanwhile is looked at afterwards.
    this.#applied = text;
    await this.#apply(plan, uplink);
    this.#say(plan.refused.map((node) => `no route to the pods of ${node}`).join('; '));
    this.#lookAfter(resyncEveryMs);
  }

  #lookAfter(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(ms, this.#again);
  }

  async #apply(plan: PodPlan, uplink: Link): Promise<void> {
    const { cluster, podNet } = this.#options;
    await writeFile('/proc/sys/net/ipv4/ip_forward', '1');
    await applyFirewall(cluster, this.#machine, this.#options, plan);
    await applyTunnel(this.#machine, { podNet, uplink: uplink.device, addresses: plan.tunnelled });
    const lines = routeCommands(plan.routes, await ourRoutes(this.#options));
    if (lines.length > 0) await runProcess('ip', ['-4', '-force', '-batch', '-'], `${lines.join('\n')}\n`);
  }

  /** Once, until there is something else to say. */
  #say(text: string): void {
    if (text && text !== this.#said) this.#options.log.warn(text);
    this.#said = text;
  }

  /**
   * Tells when routes to pods change, and links, which take their routes along without a word. The shell ends it with
   * this process, however that ends.
   */
  #watch(): void {
    if (this.#monitor) return;
    const monitor = spawn('sh', ['-c', 'ip -o monitor link route & cat; kill $!'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#monitor = monitor;
    monitor.on('error', () => {}); // Its end says the same.
    monitor.on('close', () => {
      this.#monitor = undefined; // The next application starts another.
    });
    createInterface({ input: monitor.stdout }).on('line', (line) => {
      if (!this.#stopped && this.#isAbout(line)) this.#again();
    });
  }

  #isAbout(line: string): boolean {
    const [, link] = /^(?:Deleted )?\d+: ([^:@]+)[:@]/.exec(line) ?? [];
    // Every container brings two ends of a cable with it.
    if (link) return !link.startsWith('veth');
    return line.split(' ').some((word) => word.includes('/') && isOurs(word, this.#options));
  }
}

/** What has to be done to have just these routes among ours. */
export function routeCommands(wanted: readonly Route[], present: readonly Route[]): string[] {
  const there = new Set(present.map(routeLine));
  const destinations = new Set(wanted.map(({ to }) => to));
  return [
    ...wanted.filter((route) => !there.has(routeLine(route))).map((route) => `route replace ${routeLine(route)}`),
    ...present.filter(({ to }) => !destinations.has(to)).map((route) => `route delete ${routeLine(route)}`),
  ];
}

function routeLine({ to, via, device, onlink, source }: Route): string {
  const gateway = via ? ` via ${via}` : '';
  const from = source ? ` src ${source}` : '';
  return `${to}${gateway} dev ${device} proto ${protocol}${from}${onlink ? ' onlink' : ''}`;
}

/** As `ip -j route` tells them. */
interface KernelRoute {
  dst: string;
  gateway?: string;
  dev: string;
  prefsrc?: string;
  flags: string[];
}

/** Other clusters on this machine have nets of their own. */
async function ourRoutes(nets: PodNets): Promise<Route[]> {
  const text = await runProcess('ip', ['-j', '-4', 'route', 'show', 'proto', `${protocol}`]);
  return (JSON.parse(text || '[]') as KernelRoute[])
    .filter(({ dst }) => isOurs(dst, nets))
    .map(({ dst, gateway, dev, prefsrc, flags }) => ({
      to: dst,
      device: dev,
      ...(gateway && { via: gateway }),
      ...(prefsrc && { source: prefsrc }),
      ...(flags.includes('onlink') && { onlink: true }),
    }));
}

function isOurs(destination: string, { podNet, portalNet }: PodNets): boolean {
  if (destination === portalNet) return true;
  const [range, all] = [parseCidr(destination), parseCidr(podNet)];
  return range !== undefined && all !== undefined && contains(all, range.base);
}

function links(): Link[] {
  return Object.entries(networkInterfaces()).flatMap(([device, addresses = []]) =>
    addresses.flatMap(({ family, address, cidr }) => (family === 'IPv4' && cidr ? [{ device, address, cidr }] : [])),
  );
}
