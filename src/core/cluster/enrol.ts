/**
 * How a host finds its place in a cluster of several: under a discovery URL the first become masters, all others workers.
 * Masters derive the cluster's authority; a worker keeps nothing but the certificate of its node.
 */
import { nthAddress } from '../api/cidr.ts';
import {
  type Formation,
  formationUnder,
  holdsMember,
  type Joined,
  joinWithCertificate,
  joinWithToken,
  SilentServerError,
  type UserData,
  withdraw,
} from '../machines/index.ts';
import type { ClusterConfig, HostRecord, MachineRecord } from './config.ts';
import { checkRole } from './host-checks.ts';
import {
  adminOf,
  type Hosted,
  type Identity,
  masterIdentity,
  readNodeFiles,
  secretOf,
  writeNodeFiles,
} from './identity.ts';
import { paths } from './paths.ts';
import type { Report } from './progress.ts';

export interface JoinWishes {
  via: { discovery: string } | { server: string; token: string };
  /** The record to begin with; its one machine is this host. */
  config: ClusterConfig;
  securePort: number;
  dockerSocket?: string | undefined;
  /** What it says about files is done to this host, once it has joined. */
  userData?: UserData | undefined;
}

export interface Enrolled {
  config: ClusterConfig;
  identity: Identity;
}

export interface Enrolment {
  dataDir: string;
  report: Report;
  signal: AbortSignal;
}

/** Masters of a cluster that has just formed begin to serve within seconds. */
const serversAnswerWithinMs = 60_000;
const askAgainMs = 250;

export async function enrol(wishes: JoinWishes, enrolment: Enrolment): Promise<Enrolled> {
  const { via } = wishes;
  if ('discovery' in via) return enrolUnder(via.discovery, wishes, enrolment);
  await checkPorts('worker', wishes, enrolment.dataDir);
  const { name, address } = machineOf(wishes.config);
  return asWorker(await joinWithToken({ server: via.server, name, address }, via.token), wishes, enrolment.dataDir);
}

async function enrolUnder(discovery: string, wishes: JoinWishes, enrolment: Enrolment): Promise<Enrolled> {
  const { config, securePort } = wishes;
  const { dataDir, report, signal } = enrolment;
  const self = machineOf(config);
  secretOf(discovery);
  const formation = await formationUnder(discovery, signal);
  refuseNamesake(formation, self);
  if (!(await hasPlace(discovery, formation, self, dataDir))) return enrolAsWorker(discovery, wishes, enrolment);
  await checkPorts('master', wishes, dataDir);
  const { size, members } = formation;
  const more = size - members.length - 1;
  if (more > 0) report({ message: `member ${members.length + 1} of ${size}: waiting for ${more} more` });
  config.host = { role: 'master', securePort, discovery, servers: [], ...socketOf(wishes) };
  return { config, identity: await masterIdentity(discovery, self, portalOf(config)) };
}

/** Whether this host is, or can become, a member of the etcd cluster that forms there. */
async function hasPlace(
  discovery: string,
  { size, members }: Formation,
  { address }: Hosted,
  dataDir: string,
): Promise<boolean> {
  const own = members.find(({ peerUrl }) => hostOf(peerUrl) === address);
  if (!own) return members.length < size;
  if (holdsMember(paths(dataDir).etcd)) return true;
  // What it was is lost, or it left. etcd lets nobody in twice, but before the cluster has formed it may come anew.
  if (members.length === size) return false;
  await withdraw(discovery, own.id);
  return true;
}

export function refuseNamesake({ members }: Formation, { name, address }: Hosted): void {
  const namesake = members.find((member) => member.name === name && hostOf(member.peerUrl) !== address);
  if (!namesake) return;
  throw new Error(
    `the machine at ${hostOf(namesake.peerUrl)} is named ${name} already: give this one another --machine-name`,
  );
}

/** In a cluster whose members are complete, by one of its masters. */
export async function enrolAsWorker(discovery: string, wishes: JoinWishes, enrolment: Enrolment): Promise<Enrolled> {
  const { dataDir, report, signal } = enrolment;
  const { name, address } = machineOf(wishes.config);
  await checkPorts('worker', wishes, dataDir);
  const { members } = await formationUnder(discovery, signal);
  const servers = serversOf(
    members.map(({ peerUrl }) => hostOf(peerUrl)),
    wishes.securePort,
  );
  report({ message: 'the cluster has its members: this machine becomes a worker' });
  const { ca, ...admin } = await adminOf(discovery);
  const ask = (server: string) => joinWithCertificate({ server, name, address }, ca, admin);
  return asWorker(await untilAnswered(servers, ask, signal), wishes, dataDir);
}

async function untilAnswered<T>(
  servers: readonly string[],
  ask: (server: string) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const deadline = performance.now() + serversAnswerWithinMs;
  for (;;) {
    try {
      return await firstAnswer(servers, ask);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SilentServerError) || performance.now() > deadline) throw error;
    }
    // A server on another host has no event for us before it serves.
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
}

/** Of the first server that is there. */
async function firstAnswer<T>(servers: readonly string[], ask: (server: string) => Promise<T>): Promise<T> {
  let silent: unknown = new SilentServerError('no server is known');
  for (const server of servers) {
    try {
      return await ask(server);
    } catch (error) {
      if (!(error instanceof SilentServerError)) throw error;
      silent = error;
    }
  }
  throw silent;
}

function asWorker(joined: Joined, wishes: JoinWishes, dataDir: string): Enrolled {
  const { config, securePort } = wishes;
  const { name, portalNet, podNet, machineNet, servers } = joined.cluster;
  Object.assign(config, { name, portalNet, podNet, machineNet });
  config.host = { role: 'worker', securePort, servers, ...socketOf(wishes) };
  return { config, identity: keep(joined, dataDir) };
}

/** With a new certificate and the servers that there are now, as far as one of those it knows answers. */
export async function renewed(config: ClusterConfig, dataDir: string): Promise<Enrolled> {
  const host = config.host!;
  const { name, address } = machineOf(config);
  if (host.discovery) {
    return { config, identity: await masterIdentity(host.discovery, { name, address }, portalOf(config)) };
  }
  const identity = readNodeFiles(paths(dataDir).pki);
  try {
    const ask = (server: string) => joinWithCertificate({ server, name, address }, identity.ca, identity.node);
    const joined = await firstAnswer(host.servers, ask);
    host.servers = joined.cluster.servers;
    return { config, identity: keep(joined, dataDir) };
  } catch {
    // The one it has was good for a year.
    return { config, identity };
  }
}

function keep({ certificateAuthority: ca, certificate, key }: Joined, dataDir: string): Identity {
  const identity = { ca, node: { certificate, key } };
  writeNodeFiles(paths(dataDir).pki, identity);
  return identity;
}

const checkPorts = (role: HostRecord['role'], { config, securePort }: JoinWishes, dataDir: string) =>
  checkRole({ role, securePort }, { dataDir, address: machineOf(config).address, port: config.port });

export const machineOf = ({ machines }: ClusterConfig): MachineRecord => machines[0]!;
export const hostOf = (url: string): string => new URL(url).hostname;
export const serversOf = (hosts: readonly string[], port: number): string[] =>
  hosts.map((host) => `https://${host}:${port}`);

/** The address of the service `kubernetes`: the first of the portal net, as in Kubernetes. */
const portalOf = ({ portalNet }: ClusterConfig) => nthAddress(portalNet, 1);

const socketOf = ({ dockerSocket }: JoinWishes) => (dockerSocket === undefined ? {} : { dockerSocket });
