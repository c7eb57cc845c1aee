/**
 * `kubecfg join`: this host becomes a machine of a cluster of several. Under a discovery URL the first ones become the
 * etcd cluster and the masters; later ones, and those that come with a token, are workers. What a machine became is in its
 * record, and the next start needs neither URL nor token.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { nthAddress } from '../api/cidr.ts';
import { realClock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import { systemRandom } from '../async/random.ts';
import {
  apply,
  clientPort,
  EtcdMember,
  formationUnder,
  joinWithToken,
  renew,
  type UserData,
} from '../machines/index.ts';
import { type ClusterConfig, type HostRecord, readConfig, writeConfig } from './config.ts';
import { runDaemon } from './daemon.ts';
import { type Identity, masterIdentity, readNodeFiles, secretOf, writeEtcdFiles, writeNodeFiles } from './identity.ts';
import { paths } from './paths.ts';
import type { Report } from './progress.ts';
import { allRoles, type Role } from './roles.ts';

export interface JoinOptions {
  dataDir: string;
  /** For a machine that has not joined yet: where to, and as what. */
  wishes: JoinWishes | undefined;
  log: Logger;
  report: Report;
  signal: AbortSignal;
}

export interface JoinWishes {
  via: { discovery: string } | { server: string; token: string };
  /** The record to begin with; its one machine is this host. */
  config: ClusterConfig;
  securePort: number;
  dockerSocket?: string | undefined;
  /** What it says about files is done to this host, once it has joined. */
  userData?: UserData | undefined;
}

/** Runs until it is told to stop. Rejects when the machine cannot join, and leaves nothing of the attempt. */
export async function join(options: JoinOptions): Promise<void> {
  const { dataDir, wishes, log, report, signal } = options;
  const known = readConfig(dataDir);
  if (known && !known.host) throw new Error(`${dataDir} holds a local cluster: take another --data-dir`);
  if (!known && !wishes) throw new Error(`${dataDir} holds no machine: name a discovery URL, or --server and a token`);
  const machine = known ? await resume(known, dataDir) : await enrol(wishes!, dataDir, report, signal);
  const etcd = await startEtcd(machine, options, !known);
  if (!known && wishes?.userData) await applyToHost(wishes.userData, machine.config, report);
  try {
    await runDaemon({
      dataDir,
      roles: rolesOf(machine.config.host!),
      fresh: () => machine.config,
      identity: machine.identity,
      log,
      report,
      signal,
    });
  } finally {
    // A machine that is halted says so to all its processes; one whose daemon ends keeps its member.
    etcd?.leaveRunning();
  }
}

interface Enrolled {
  config: ClusterConfig;
  identity: Identity;
}

async function enrol(wishes: JoinWishes, dataDir: string, report: Report, signal: AbortSignal): Promise<Enrolled> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const { via } = wishes;
  return 'discovery' in via
    ? enrolUnder(via.discovery, wishes, report, signal)
    : enrolWithToken([via.server], via.token, wishes, dataDir);
}

async function enrolUnder(
  discovery: string,
  wishes: JoinWishes,
  report: Report,
  signal: AbortSignal,
): Promise<Enrolled> {
  const { config, securePort } = wishes;
  const [{ name, address }] = config.machines as [ClusterConfig['machines'][0]];
  secretOf(discovery);
  const { size, members } = await formationUnder(discovery, signal);
  const hosts = members.map((member) => ({ name: member.name, address: new URL(member.peerUrl).hostname }));
  const namesake = hosts.find((host) => host.name === name && host.address !== address);
  if (namesake) throw new Error(`the machine at ${namesake.address} is named ${name} already: take another --name`);
  const servers = hosts.map((host) => `https://${host.address}:${securePort}`);
  const isMember = members.length < size || hosts.some((host) => host.address === address);
  const role = isMember ? 'master' : 'worker';
  const host: HostRecord = { role, securePort, discovery, servers, ...socketOf(wishes) };
  const more = size - members.length - 1;
  if (isMember && more > 0) report({ message: `member ${members.length + 1} of ${size}: waiting for ${more} more` });
  config.host = host;
  return { config, identity: await masterIdentity(discovery, { name, address }, portalOf(config)) };
}

async function enrolWithToken(
  servers: string[],
  token: string,
  wishes: JoinWishes,
  dataDir: string,
): Promise<Enrolled> {
  const { config, securePort } = wishes;
  const [{ name, address }] = config.machines as [ClusterConfig['machines'][0]];
  const joined = await joinWithToken({ server: servers[0]!, name, address }, token);
  const { cluster } = joined;
  config.host = { role: 'worker', securePort, servers: cluster.servers, ...socketOf(wishes) };
  Object.assign(config, {
    name: cluster.name,
    portalNet: cluster.portalNet,
    podNet: cluster.podNet,
    machineNet: cluster.machineNet,
  });
  const identity = { ca: joined.certificateAuthority, node: { certificate: joined.certificate, key: joined.key } };
  writeNodeFiles(pkiDir(dataDir), identity);
  return { config, identity };
}

/** With a new certificate, where one can be had. */
async function resume(config: ClusterConfig, dataDir: string): Promise<Enrolled> {
  const { discovery, servers } = config.host!;
  const [{ name, address }] = config.machines as [ClusterConfig['machines'][0]];
  if (discovery) return { config, identity: await masterIdentity(discovery, { name, address }, portalOf(config)) };
  const identity = readNodeFiles(pkiDir(dataDir));
  for (const server of servers) {
    try {
      const { certificate, key } = await renew({ server, name, address }, identity.ca, identity.node);
      const renewed = { ...identity, node: { certificate, key } };
      writeNodeFiles(pkiDir(dataDir), renewed);
      return { config, identity: renewed };
    } catch {
      // The one it has may be good for a year; another server may be there.
    }
  }
  return { config, identity };
}

/** Undefined on a worker. The record is written once the member belongs to a cluster: until then nothing has begun. */
async function startEtcd({ config }: Enrolled, options: JoinOptions, isNew: boolean): Promise<EtcdMember | undefined> {
  const { dataDir, log, signal } = options;
  const { role, discovery } = config.host!;
  if (role === 'worker' || !discovery) {
    if (isNew) writeConfig(dataDir, config);
    return undefined;
  }
  const [{ name, address }] = config.machines as [ClusterConfig['machines'][0]];
  const files = await writeEtcdFiles(pkiDir(dataDir), discovery, { name, address });
  const { clock, random } = { clock: realClock, random: systemRandom };
  const dir = joinPath(dataDir, 'etcd');
  try {
    const member = await EtcdMember.start(
      { name, address, dir, discovery, files, clock, random, log: log.part('etcd') },
      signal,
    );
    if (isNew) {
      const { members } = await formationUnder(discovery, signal);
      const hosts = members.map(({ peerUrl }) => new URL(peerUrl).hostname);
      const others = hosts.filter((host) => host !== address).map((host) => `https://${host}:${clientPort}`);
      const tls = { caFile: files.ca, certFile: files.certificate, keyFile: files.key };
      // Its own first: it is the nearest.
      config.etcd = { servers: [`https://127.0.0.1:${clientPort}`, ...others], ...tls };
      config.host!.servers = hosts.map((host) => `https://${host}:${config.host!.securePort}`);
      writeConfig(dataDir, config);
    }
    return member;
  } catch (error) {
    if (isNew) rmSync(dataDir, { recursive: true, force: true });
    throw error;
  }
}

const socketOf = ({ dockerSocket }: JoinWishes) => (dockerSocket === undefined ? {} : { dockerSocket });

/** Says first what it does: this is no machine that can be thrown away. */
async function applyToHost(userData: UserData, { machines }: ClusterConfig, report: Report): Promise<void> {
  const [{ name, address }] = machines as [ClusterConfig['machines'][0]];
  const files = ['/etc/hostname', ...(userData.config.write_files ?? []).map(({ path }) => path)];
  report({ message: `writing ${files.join(', ')} as the user-data says` });
  await apply(userData, { root: '/', hostname: name, addresses: { public_ipv4: address, private_ipv4: address } });
}

function rolesOf({ role }: HostRecord): ReadonlySet<Role> {
  return new Set(role === 'master' ? allRoles : ['node']);
}

/** The address of the service `kubernetes`: the first of the portal net, as in Kubernetes. */
const portalOf = ({ portalNet }: ClusterConfig) => nthAddress(portalNet, 1);

const pkiDir = (dataDir: string) => paths(dataDir).pki;
