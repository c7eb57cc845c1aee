/** The API server under test, with a store on disk in argv[2]; tells its port, and its processor time when asked. */
import { createApiServer } from '../../../src/core/apiserver/index.ts';
import { realClock } from '../../../src/core/async/clock.ts';
import { silentLog } from '../../../src/core/async/log.ts';
import { systemRandom } from '../../../src/core/async/random.ts';
import { openEmbeddedStore } from '../../../src/core/store/index.ts';

const base = { clock: realClock, log: silentLog };
const store = await openEmbeddedStore({ dir: process.argv[2], ...base });
const server = await createApiServer({ store, ...base, random: systemRandom, portalNet: '10.0.0.0/16' });
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
process.on('message', () => process.send?.(process.cpuUsage()));
process.send?.(port);
