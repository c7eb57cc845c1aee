/** Two servers on an etcd of three members: servers and members are killed and come back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pick } from '../../src/core/async/random.ts';
import { type Etcd, startEtcd } from '../helpers/etcd.ts';
import { waitFor } from '../helpers/wait.ts';
import { oneOf } from './clients.ts';
import { Daemon } from './daemon.ts';
import type { Servers } from './servers.ts';

const serverCount = 2;

/** `compactionInterval` as on the command line. */
export async function etcdServers(compactionInterval: string): Promise<Servers> {
  const endings: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    const folder = mkdtempSync(join(tmpdir(), 'kubecfg-torture-'));
    endings.push(async () => rmSync(folder, { recursive: true, force: true }));
    const etcd = await startEtcd({ after: (end) => void endings.push(end) }, { members: 3 });
    const store = ['--etcd-servers', etcd.urls.join(), '--compaction-interval', compactionInterval];
    const daemons: Daemon[] = [];
    for (let i = 0; i < serverCount; i++) {
      const daemon = new Daemon(join(folder, `server-${i}`), ['--name', 'torture', ...store]);
      endings.push(() => daemon.kill());
      await daemon.start();
      daemons.push(daemon);
    }
    return { ...serversOf(daemons, etcd), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function serversOf(daemons: readonly Daemon[], etcd: Etcd): Omit<Servers, 'stop'> {
  const answering = () => daemons.flatMap(({ url }) => url ?? []);
  return {
    urls: () => waitFor(answering, { until: (urls) => urls.length > 0, withinMs: 60_000, what: 'a server' }),
    async disturb(random) {
      if (pick(random, 2) === 0) {
        const daemon = oneOf(random, daemons);
        await daemon.kill();
        await daemon.start();
        return 'a server';
      }
      const kind = pick(random, 6);
      // Mostly one of them, so that the others go on; now and then the one that leads, or all.
      const members = kind === 0 ? etcd.members : kind < 3 ? [await etcd.leader()] : [oneOf(random, etcd.members)];
      await Promise.all(members.map((member) => member.kill()));
      await Promise.all(members.map((member) => member.start()));
      return members.length === 1 ? `member ${members[0]!.name}` : 'all members';
    },
  };
}
