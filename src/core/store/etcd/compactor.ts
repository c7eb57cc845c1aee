/**
 * Forgets old history, once per interval however many servers there are: as in kube-apiserver (etcd3/compact.go), who
 * first counts a common key up compacts to where he was one interval ago; the others take over his count.
 */
import type { IKeyValue } from 'etcd3';
import type { Clock, Timer } from '../../async/clock.ts';
import type { Logger } from '../../async/log.ts';
import { StoreClosedError } from '../store.ts';
import type { Link } from './link.ts';

export interface CompactorOptions {
  link: Link;
  /** The common key. */
  key: Buffer;
  compact(revision: number): Promise<void>;
  intervalMs: number;
  clock: Clock;
  log: Logger;
}

export class Compactor {
  readonly #options: CompactorOptions;
  #timer: Timer;
  /** How often the key was counted up, as far as known. */
  #count = 0;
  /** etcd's revision one interval ago. */
  #marked = 0;

  constructor(options: CompactorOptions) {
    this.#options = options;
    this.#timer = this.#arm();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #arm(): Timer {
    const { clock, intervalMs, log } = this.#options;
    return clock.after(intervalMs, () => {
      this.#timer = this.#arm();
      this.#tick().catch((error) => {
        if (!(error instanceof StoreClosedError)) log.warn(`compaction failed: ${error.message}`);
      });
    });
  }

  async #tick(): Promise<void> {
    const revision = this.#marked;
    if ((await this.#countUp(revision)) && revision > 0) await this.#options.compact(revision);
  }

  /** Whether this server was the first. */
  async #countUp(revision: number): Promise<boolean> {
    const { link, key } = this.#options;
    const { succeeded, header, responses } = await link.call(false, ({ etcd }, call) =>
      etcd.kv.txn(
        {
          compare: [{ key, target: 'Version', result: 'Equal', version: String(this.#count) }],
          success: [{ request_put: { key, value: Buffer.from(String(revision)) } }],
          failure: [{ request_range: { key } }],
        },
        call,
      ),
    );
    this.#marked = Number(header.revision);
    if (succeeded) this.#count++;
    else this.#count = Number((responses[0]?.response_range.kvs[0] as IKeyValue | undefined)?.version ?? 0);
    return succeeded;
  }
}
