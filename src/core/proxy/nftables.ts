/**
 * Portals as nftables rules: one table of ours per cluster, replaced as a whole in one transaction, so that no packet ever
 * sees half of a change. Connections that are open keep their backend: conntrack remembers it.
 */
import { createHash } from 'node:crypto';
import { ProcessError, runProcess } from '../async/process.ts';
import type { Backend, Portal } from './portals.ts';

export interface NftOptions {
  cluster: string;
  portalNet: string;
  podNet: string;
  /** The part of it that sits on the bridge: all, unless other machines have pods of their own. */
  podRange: string;
  /** The interface of the bridge that the pods sit on. */
  bridge?: string | undefined;
}

/** Table names take letters, digits and underscores; a digest keeps `a-b` and `a_b` apart. */
export function tableName(cluster: string): string {
  return `kubecfg_${cluster.replaceAll(/[^A-Za-z0-9]/g, '_')}_${digest(cluster)}`;
}

/** Whether this process may change rules: the program is there and the kernel lets us. */
export async function nftAvailable(): Promise<boolean> {
  try {
    await runProcess('nft', ['list', 'tables']);
    return true;
  } catch (e) {
    if (e instanceof ProcessError) return false;
    throw e;
  }
}

export function applyRules(text: string): Promise<unknown> {
  return runProcess('nft', ['-f', '-'], text);
}

/** Harmless when there are none, or no way to have any. */
export async function removeRules(cluster: string): Promise<void> {
  const table = tableName(cluster);
  await runProcess('nft', ['-f', '-'], `table ip ${table}\ndelete table ip ${table}\n`).catch((e: unknown) => {
    if (!(e instanceof ProcessError)) throw e;
  });
}

/** The transaction that makes the table hold exactly these portals. */
export function renderRules(portals: readonly Portal[], options: NftOptions): string {
  const table = tableName(options.cluster);
  const served = portals.filter((portal) => portal.backends.length > 0);
  return `table ip ${table}
delete table ip ${table}
table ip ${table} {
${namedMap('portals', 'ipv4_addr . inet_proto . inet_service', served.flatMap(portalElements))}
${namedMap('nodeports', 'inet_proto . inet_service', served.flatMap(nodePortElements))}
  chain translate {
    ip daddr . meta l4proto . th dport vmap @portals
    fib daddr type local meta l4proto . th dport vmap @nodeports
  }
  chain prerouting {
    type nat hook prerouting priority dstnat - 5; policy accept;
    jump translate
  }
  chain output {
    type nat hook output priority -105; policy accept;
    jump translate
  }
  # Pods sit on one bridge and would answer each other directly, past the translation: answers must come back through here.
  chain postrouting {
    type nat hook postrouting priority srcnat - 5; policy accept;
    ct status dnat ip saddr ${options.podRange} ip daddr ${options.podRange} masquerade${fromElsewhere(options)}
  }
  # What still goes to a portal address now has no backend: refuse at once instead of letting the client wait.
  chain refuse_forward {
    type filter hook forward priority filter - 5; policy accept;
    ip daddr ${options.portalNet} reject with icmp port-unreachable
  }
  chain refuse_output {
    type filter hook output priority filter - 5; policy accept;
    ip daddr ${options.portalNet} reject with icmp port-unreachable
  }
${served.map(portalChain).join('\n')}
}
`;
}

/** A backend on another machine would answer whoever asked here past this one. Our own pods' answers come back here anyway. */
function fromElsewhere({ podNet, podRange }: NftOptions): string {
  if (podRange === podNet) return '';
  return `\n    ct status dnat ip saddr != ${podRange} ip daddr ${podNet} ip daddr != ${podRange} masquerade`;
}

function namedMap(name: string, type: string, elements: readonly string[]): string {
  const list = elements.length > 0 ? `\n    elements = { ${elements.join(',\n      ')} }` : '';
  return `  map ${name} {\n    type ${type} : verdict${list}\n  }`;
}

function portalElements(portal: Portal): string[] {
  return portal.addresses.map(
    (address) => `${address} . ${portal.protocol.toLowerCase()} . ${portal.port} : goto ${chainName(portal)}`,
  );
}

function nodePortElements(portal: Portal): string[] {
  if (portal.nodePort === undefined) return [];
  return [`${portal.protocol.toLowerCase()} . ${portal.nodePort} : goto ${chainName(portal)}`];
}

/** Picks a backend: at random, or by the client's address, which holds as long as the backends stay the same. */
function portalChain(portal: Portal): string {
  const [only, ...more] = portal.backends;
  const n = portal.backends.length;
  const choice = portal.clientAffinity ? `jhash ip saddr mod ${n}` : `numgen random mod ${n}`;
  const map = portal.backends.map((b, i) => `${i} : ${b.ip} . ${b.port}`).join(', ');
  const target = more.length === 0 ? target1(only!) : `ip addr . port to ${choice} map { ${map} }`;
  return `  chain ${chainName(portal)} { # ${portal.name}
    meta l4proto ${portal.protocol.toLowerCase()} dnat ${target}
  }`;
}

const target1 = (backend: Backend) => `to ${backend.ip}:${backend.port}`;

function chainName(portal: Portal): string {
  return `portal_${digest(`${portal.name}/${portal.protocol}`)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
