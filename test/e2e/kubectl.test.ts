/** Debian's kubectl 1.20 against a daemon with hollow machines: each session's transcript is a golden file. */
import { after, before, test } from 'node:test';
import { assertGolden } from '../helpers/golden.ts';
import { Kubectl } from '../helpers/kubectl.ts';
import { Program } from '../helpers/program.ts';
import { machineSessions } from './kubectl/machines.ts';
import { readSessions } from './kubectl/read.ts';
import { writeSessions } from './kubectl/write.ts';

const program = new Program();
let kubectl: Kubectl;

before(async () => {
  const nets = ['--portal-net', '10.0.0.0/16', '--pod-net', '10.244.0.0/16', '--machine-net', '172.17.8.0/24'];
  await program.ok('up', '--runtime', 'hollow', '--num-instances', '4', '--port', '0', ...nets, ...program.local);
  const { server } = await program.json<{ server: string }>('status', ...program.local);
  kubectl = new Kubectl(server);
});
after(async () => {
  kubectl?.remove();
  await program.remove();
});

// Machines come first: their ages are of two digits then, whatever the machine has to do besides.
const sessions = { ...machineSessions, ...readSessions, ...writeSessions };
for (const [name, session] of Object.entries(sessions)) {
  test(name, async () => assertGolden(`kubectl/${name}.txt`, await kubectl.play(name, session)));
}
