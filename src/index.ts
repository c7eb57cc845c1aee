/**
 * kubecfg as a library: a whole cluster inside the calling process, for tests and tools.
 *
 *   import { Cluster, Pod } from 'kubecfg';
 *   const cluster = await Cluster.start({ machines: 2 });
 *   await cluster.client.create(Pod, { metadata: { name: 'a', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
 *   await cluster.stop();
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, realClock } from './core/async/clock.ts';
import { type Logger, silentLog } from './core/async/log.ts';
import { type Random, systemRandom } from './core/async/random.ts';
import type { Client } from './core/client/client.ts';
import { Cluster as Core } from './core/cluster/cluster.ts';
import { newConfig } from './core/cluster/defaults.ts';
import { allRoles } from './core/cluster/roles.ts';

export * from './core/api/kinds/index.ts';
export type { Draft, KubeList, KubeObject, Stored, WatchEvent } from './core/api/object.ts';
export { ApiError } from './core/api/status.ts';
export { Client } from './core/client/client.ts';

export interface StartOptions {
  /** 1 unless given. */
  machines?: number;
  /** Hollow machines run nothing; `docker` needs an engine. */
  runtime?: 'hollow' | 'docker';
  /** Opens a port of the API on 127.0.0.1, any free one for 0; absent opens none. */
  port?: number;
  /** Names the containers on Docker. */
  name?: string;
  clock?: Clock;
  random?: Random;
  log?: Logger;
}

export class Cluster {
  readonly #core: Core;
  readonly #dataDir: string;

  private constructor(core: Core, dataDir: string) {
    this.#core = core;
    this.#dataDir = dataDir;
  }

  /** Resolves when every machine is ready. Its data goes with it when it stops. */
  static async start(options: StartOptions = {}): Promise<Cluster> {
    const { machines = 1, runtime = 'hollow', port, name = `lib-${process.pid}` } = options;
    const dataDir = mkdtempSync(join(tmpdir(), 'kubecfg-'));
    const core = await Core.start({
      config: newConfig({ name, machines, runtime, port: port ?? 0 }),
      dataDir,
      roles: new Set(allRoles),
      listen: port !== undefined,
      save: () => {},
      clock: options.clock ?? realClock,
      random: options.random ?? systemRandom,
      log: options.log ?? silentLog,
    });
    const cluster = new Cluster(core, dataDir);
    await core.machines?.ready(30_000);
    return cluster;
  }

  get client(): Client {
    return this.#core.client;
  }
  /** `http://127.0.0.1:PORT`, when a port was asked for. */
  get server(): string | undefined {
    return this.#core.server;
  }

  /** Containers of a Docker cluster are removed with everything else. */
  async stop(): Promise<void> {
    await this.#core.stop();
    const { name, runtime } = this.#core.options.config;
    if (runtime === 'docker') {
      const { removeFromHost } = await import('./core/cluster/shared-machines.ts');
      await removeFromHost(name);
    }
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}
