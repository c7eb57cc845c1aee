/** A cluster of isolated machines for a test, and what of it this host shows. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Node, Pod } from '../../src/core/api/kinds/index.ts';
import type { KubeList, Stored } from '../../src/core/api/object.ts';
import { runProcess } from '../../src/core/async/process.ts';
import type { ClusterStatus } from '../../src/core/cluster/status.ts';
import { ensureTestImage } from './images.ts';
import { Program } from './program.ts';

export class IsolatedCluster {
  readonly program = new Program();

  get name(): string {
    return this.program.name;
  }

  up(machines: number, ...flags: string[]): Promise<string> {
    return this.program.ok(
      'up',
      '--provider',
      'isolated',
      '--num-instances',
      `${machines}`,
      ...this.program.local,
      ...flags,
    );
  }

  /** Every machine has an engine of its own, and images are not shared. */
  async loadImages(...machines: string[]): Promise<void> {
    await Promise.all(machines.map((machine) => ensureTestImage(this.dockerSocket(machine))));
  }

  dockerSocket(machine: string): string {
    return `/run/kubecfg/${this.name}/${machine}/docker.sock`;
  }

  /** A verb on this host. */
  ok(...args: string[]): Promise<string> {
    const dashes = args.includes('--') ? args.indexOf('--') : args.length;
    return this.program.ok(...args.slice(0, dashes), ...this.program.local, ...args.slice(dashes));
  }

  /** A verb that may fail. */
  run(...args: string[]) {
    const dashes = args.includes('--') ? args.indexOf('--') : args.length;
    return this.program.run([...args.slice(0, dashes), ...this.program.local, ...args.slice(dashes)]);
  }

  /** A command on a machine. */
  on(machine: string, ...command: string[]): Promise<string> {
    return this.program.ok('ssh', machine, ...this.program.local, '--', ...command);
  }

  async nodes(): Promise<Stored<Node>[]> {
    const list = JSON.parse(await this.ok('get', 'nodes', '-o', 'json')) as KubeList<Node>;
    return list.items as Stored<Node>[];
  }

  async pods(selector: string): Promise<Stored<Pod>[]> {
    const list = JSON.parse(await this.ok('get', 'pods', '-l', selector, '-o', 'json')) as KubeList<Pod>;
    return list.items as Stored<Pod>[];
  }

  async status(): Promise<ClusterStatus> {
    return JSON.parse((await this.run('status', '-o', 'json')).stdout) as ClusterStatus;
  }

  /** Everything of this cluster that is on the host: nothing, once it is destroyed. */
  async traces(): Promise<string[]> {
    const { name } = this;
    const texts = await Promise.all([
      runProcess('ip', ['netns']),
      runProcess('ip', ['-o', 'link']),
      runProcess('iptables-save', []),
      runProcess('nft', ['list', 'tables']),
    ]);
    const lines = texts.flatMap((text) => text.split('\n'));
    lines.push(...readFileSync('/proc/self/mountinfo', 'utf8').split('\n'));
    lines.push(...processes());
    lines.push(...readdirSync('/sys/fs/cgroup', { recursive: true, withFileTypes: true }).map((entry) => entry.name));
    const folders = [`/run/kubecfg/${name}`, this.program.dataDir].filter((folder) => existsSync(folder));
    return [...lines.filter((line) => line.includes(name)), ...folders];
  }
}

/** The command lines of all processes but this test's own. */
function processes(): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // It ended.
      }
    });
}
