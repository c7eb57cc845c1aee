/** What torture is done to: servers that can be killed and come back. */
import type { Random } from '../../src/core/async/random.ts';

export interface Servers {
  /** URLs of those that answer, as far as is known; waits while there is none. */
  urls(): Promise<string[]>;
  /** Kills something without warning and starts it again; says what. Resolves when it is back. */
  disturb(random: Random): Promise<string>;
  /** Ends all processes and removes what they left. */
  stop(): Promise<void>;
}
