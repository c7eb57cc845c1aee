/**
 * `kubecfg join`: this host becomes a machine of a cluster of several. What it became is in its record, and the next start
 * needs neither URL nor token.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { realClock } from '../async/clock.ts';
import { systemRandom } from '../async/random.ts';
import {
  apply,
  clientPort,
  type EtcdFiles,
  EtcdMember,
  formationUnder,
  membersOf,
  type UserData,
  withdraw,
} from '../machines/index.ts';
import { type ClusterConfig, readConfig, writeConfig } from './config.ts';
import {
  type Enrolled,
  enrol,
  enrolAsWorker,
  hostOf,
  type JoinWishes,
  machineOf,
  refuseNamesake,
  renewed,
  serversOf,
} from './enrol.ts';
import { checkHost, checkRoot } from './host-checks.ts';
import { writeEtcdFiles } from './identity.ts';
import { readWishes } from './install.ts';
import { clearHost, forgetMachine } from './leave.ts';
import { paths } from './paths.ts';
import type { Report } from './progress.ts';
import { type Serving, serveHost } from './serve-host.ts';
import { answering, refuseForeignContainers } from './shared-machines.ts';

export interface JoinOptions extends Serving {
  /** For a machine that has not joined yet: where to, and as what; those of `--install` unless given. */
  wishes: JoinWishes | undefined;
}

/** Runs until it is told to stop. Rejects when the machine cannot join, and leaves nothing of the attempt. */
export async function join(options: JoinOptions): Promise<void> {
  const { dataDir } = options;
  checkRoot();
  const running = await answering(dataDir);
  if (running) throw new Error(`the machine in ${dataDir} runs already (pid ${running.pid})`);
  const known = readConfig(dataDir);
  if (known) return joinAgain(known, options);
  const wishes = options.wishes ?? readWishes(dataDir);
  if (!wishes) throw new Error(`${dataDir} holds no machine: name a discovery URL, or --server and a token`);
  await checkHost(wishes.dockerSocket);
  await joinFirst(wishes, options);
}

async function joinAgain(config: ClusterConfig, options: JoinOptions): Promise<void> {
  const { dataDir, report } = options;
  if (!config.host) throw new Error(`${dataDir} holds a local cluster: take another --data-dir`);
  // Whoever starts a machine wants it to run, whatever was said before.
  machineOf(config).halted = false;
  report({ message: `going on as ${machineOf(config).name}, ${config.host.role} of cluster ${config.name}` });
  const machine = await renewed(config, dataDir);
  const member = config.host.role === 'master' ? await startMember(machine, options) : undefined;
  // The others may have changed since.
  if (member) await refresh(config, member.files).catch(() => {});
  writeConfig(dataDir, config);
  await serveHost(machine, options, member?.etcd);
}

async function joinFirst(wishes: JoinWishes, options: JoinOptions): Promise<void> {
  const { dataDir, report } = options;
  const { config } = wishes;
  let etcd: EtcdMember | undefined;
  let isUp = false;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    let machine = await enrol(wishes, options);
    if (machine.config.host?.role === 'master') {
      const found = await formMember(machine, wishes, options);
      etcd = found.etcd;
      machine = found.machine;
    }
    await refuseForeignContainers(config.name, wishes.dockerSocket);
    writeConfig(dataDir, config);
    await serveHost(machine, options, etcd, async () => {
      isUp = true;
      rmSync(paths(dataDir).wishes, { force: true });
      if (wishes.userData) await applyToHost(wishes.userData, config, report);
    });
  } catch (error) {
    if (isUp) throw error;
    await etcd?.stop();
    report({ message: 'undoing what was begun' });
    await undo(config, options);
    throw error;
  }
}

/** The cluster may have got its last member since it was asked: then this machine is a worker. */
async function formMember(
  machine: Enrolled,
  wishes: JoinWishes,
  options: JoinOptions,
): Promise<{ machine: Enrolled; etcd?: EtcdMember }> {
  const { config } = machine;
  const { discovery = '' } = config.host!;
  let etcd: EtcdMember | undefined;
  try {
    const started = await startMember(machine, options);
    etcd = started.etcd;
    await refresh(config, started.files);
    return { machine, etcd };
  } catch (error) {
    await etcd?.stop();
    options.signal.throwIfAborted();
    const formation = await formationUnder(discovery, options.signal).catch(() => undefined);
    if (formation) refuseNamesake(formation, machineOf(config));
    if (!/cluster is full/.test((error as Error).message)) throw error;
    rmSync(paths(options.dataDir).pki, { recursive: true, force: true });
    return { machine: await enrolAsWorker(discovery, wishes, options) };
  }
}

async function startMember({ config }: Enrolled, { dataDir, log, signal }: JoinOptions) {
  const { name, address } = machineOf(config);
  const { discovery = '' } = config.host!;
  const files = await writeEtcdFiles(paths(dataDir).pki, discovery, { name, address });
  const deps = { clock: realClock, random: systemRandom, log: log.part('etcd') };
  const etcd = await EtcdMember.start({ name, address, dir: paths(dataDir).etcd, discovery, files, ...deps }, signal);
  return { etcd, files };
}

/** Where etcd and the API servers are, by etcd's own list of members. */
async function refresh(config: ClusterConfig, files: EtcdFiles): Promise<void> {
  const own = `https://127.0.0.1:${clientPort}`;
  const { address } = machineOf(config);
  const hosts = (await membersOf([own], files)).map(({ peerURLs }) => hostOf(peerURLs[0]!));
  const others = serversOf(
    hosts.filter((host) => host !== address),
    clientPort,
  );
  const tls = { caFile: files.ca, certFile: files.certificate, keyFile: files.key };
  // Its own first: it is the nearest.
  config.etcd = { servers: [own, ...others], ...tls };
  config.host!.servers = serversOf(hosts, config.host!.securePort);
}

/** Whatever of it had been done; what --install wrote stays for the next attempt. */
async function undo(config: ClusterConfig, { dataDir, report }: JoinOptions): Promise<void> {
  const problem = (error: Error) => report({ message: `could not undo all: ${error.message}` });
  if (readConfig(dataDir)) await forgetMachine(dataDir, config).catch(problem);
  else await withdrawFrom(config).catch(problem);
  await clearHost(dataDir, config, { keepWishes: true }).catch(problem);
}

/** So that it may be tried again. */
async function withdrawFrom(config: ClusterConfig): Promise<void> {
  const { discovery } = config.host ?? {};
  if (!discovery) return;
  const { size, members } = await formationUnder(discovery);
  const own = members.find(({ peerUrl }) => hostOf(peerUrl) === machineOf(config).address);
  if (own && members.length < size) await withdraw(discovery, own.id);
}

/** Says first what it does: this is no machine that can be thrown away. */
async function applyToHost(userData: UserData, config: ClusterConfig, report: Report): Promise<void> {
  const { name, address } = machineOf(config);
  const files = ['/etc/hostname', ...(userData.config.write_files ?? []).map(({ path }) => path)];
  report({ message: `writing ${files.join(', ')} as the user-data says` });
  await apply(userData, { root: '/', hostname: name, addresses: { public_ipv4: address, private_ipv4: address } });
}
