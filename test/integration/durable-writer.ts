/**
 * A process that writes one key after another and says what it was answered: `answered 3`, or `failed 3 why`. It kills
 * itself at the tenth write: as soon as the store has `accepted` it, or when it is `committed` and not yet answered.
 */
import { writeSync } from 'node:fs';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { openEmbeddedStore } from '../../src/core/store/index.ts';

const [dir, crash] = process.argv.slice(2);
const die = () => process.kill(process.pid, 'SIGKILL');
const store = await openEmbeddedStore({ dir, clock: realClock, log: silentLog });
let n = 0;
const events = () => void (crash === 'committed' && n === 10 && die());
store.watch({ prefix: '/' }, { events, error: () => {} });
for (n = 1; n <= 15; n++) {
  const key = `/${n}`;
  const written = store.txn({ then: [{ type: 'put', key, value: Buffer.from(key.repeat(200)) }] });
  if (crash === 'accepted' && n === 10) die();
  const outcome = await written.then(
    () => `answered ${n}`,
    (error: Error) => `failed ${n} ${error.message}`,
  );
  writeSync(1, `${outcome}\n`);
}
process.exit(0); // without closing: what was answered must not need that
