/**
 * The service proxy: follows services and endpoints and opens their portals, through nftables or, without root, in this
 * process. May import async, api and client.
 */

import { Endpoints, Service } from '../api/kinds/index.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Running } from '../async/running.ts';
import type { Client } from '../client/client.ts';
import type { Informers } from '../client/informers.ts';
import type { DataPath } from './data-path.ts';
import { nftDataPath } from './nft-path.ts';
import { type NftOptions, nftAvailable } from './nftables.ts';
import { portalsOf } from './portals.ts';
import { userspaceDataPath } from './userspace-path.ts';

export { removeRules } from './nftables.ts';

export interface ProxyOptions extends NftOptions {
  client: Client;
  informers: Informers;
  clock: Clock;
  log: Logger;
}

export interface ServiceProxy extends Running {
  readonly mode: DataPath['mode'];
}

export async function startProxy(options: ProxyOptions): Promise<ServiceProxy> {
  const path = (await nftAvailable()) ? nftDataPath(options) : userspaceDataPath(options);
  const loop = new ProxyLoop(path, options);
  loop.start();
  return { mode: path.mode, stop: () => loop.stop() };
}

const retryMs = 1000;

/** Applies the newest state again whenever it changed while the last application ran. */
class ProxyLoop {
  readonly #path: DataPath;
  readonly #options: ProxyOptions;
  readonly #unsubscribe: (() => void)[] = [];
  #dirty = false;
  #working: Promise<void> | undefined;
  #stopped = false;

  constructor(path: DataPath, options: ProxyOptions) {
    this.#path = path;
    this.#options = options;
  }

  start(): void {
    const services = this.#options.informers.for(Service);
    const endpoints = this.#options.informers.for(Endpoints);
    // Rules made from half a cache would cut off portals that work: after a restart the old rules stand until both are full.
    void Promise.all([services.synced(), endpoints.synced()]).then(
      () => {
        if (this.#stopped) return;
        this.#unsubscribe.push(services.subscribe(this.#changed), endpoints.subscribe(this.#changed));
        this.#changed();
      },
      () => {}, // stopped before the caches were full
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#working;
    await this.#path.close();
  }

  readonly #changed = (): void => {
    this.#dirty = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#dirty && !this.#stopped) this.#changed();
    });
  };

  async #work(): Promise<void> {
    const { informers, clock, log } = this.#options;
    // The changes of one turn of the event loop become one application.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#stopped) return;
    this.#dirty = false;
    const endpoints = informers.for(Endpoints);
    try {
      await this.#path.apply(portalsOf(informers.for(Service).list(), (ns, name) => endpoints.get(ns, name)));
    } catch (e) {
      log.warn(`portals not applied, next try in ${retryMs} ms: ${(e as Error).message}`);
      clock.after(retryMs, this.#changed);
    }
  }
}
