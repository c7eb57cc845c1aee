/** Another process with a store: `hold` opens it and waits; `write` writes until it is killed and names each answered key. */
import { realClock } from '../../../src/core/async/clock.ts';
import { silentLog } from '../../../src/core/async/log.ts';
import { openEmbeddedStore } from '../../../src/core/store/index.ts';

const [dir, task, name] = process.argv.slice(2);
const store = await openEmbeddedStore({ dir, clock: realClock, log: silentLog });
process.send!('open');
setInterval(() => {}, 1_000); // the store alone does not keep a process alive

async function write(writer: number): Promise<never> {
  for (let n = 0; ; n++) {
    const key = `/${name}/${writer}/${n}`;
    await store.txn({
      compare: [{ key, target: 'create', is: '=', value: 0 }],
      then: [{ type: 'put', key, value: Buffer.from(key.repeat(20)) }],
    });
    process.send!(key);
  }
}

if (task === 'write') for (let writer = 0; writer < 16; writer++) void write(writer);
