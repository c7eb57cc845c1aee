/**
 * The bridge that isolated machines are plugged into: the host is its first address and the machines' way out. Traffic
 * over it is let past Docker, which sets the host's FORWARD policy to DROP, gives everything of 172.17.0.0/16 the host's
 * address, and sends bridged frames through both.
 */
import { nthAddress } from '../api/cidr.ts';
import { runProcess } from '../async/process.ts';
import { ignoreExisting, ignoreFailure } from './failures.ts';
import { interfaceName } from './interface-name.ts';
import { ensureAccepted, forwardChain, forwardChains, type Rule, removeAccepted } from './iptables.ts';

export interface MachineBridge {
  cluster: string;
  /** `172.17.8.0/24` */
  machineNet: string;
}

export const bridgeName = (cluster: string): string => interfaceName('kb', cluster);
const tableName = (cluster: string) => `kubecfg-${cluster}-machines`;
const label = (cluster: string) => `kubecfg.cluster=${cluster}`;

/** The host's address on the bridge. */
export const gatewayOf = (machineNet: string): string => nthAddress(machineNet, 1);

/** Makes or completes the bridge; harmless when it is there. */
export async function ensureBridge({ cluster, machineNet }: MachineBridge): Promise<void> {
  const dev = bridgeName(cluster);
  const prefix = machineNet.split('/')[1];
  await runProcess('ip', ['link', 'add', 'dev', dev, 'type', 'bridge']).catch(ignoreExisting);
  const lines = [
    `link set dev ${dev} up alias ${label(cluster)}`,
    `address replace ${gatewayOf(machineNet)}/${prefix} dev ${dev}`,
  ];
  await runProcess('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
  await runProcess('sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
  await runProcess('nft', ['-f', '-'], masquerade(cluster, machineNet));
  const forward = await forwardChain();
  for (const rule of rules(cluster, forward)) await ensureAccepted(rule);
}

/** Removes what ensureBridge made; harmless when there is nothing. */
export async function removeBridge(cluster: string): Promise<void> {
  for (const chain of forwardChains) for (const rule of rules(cluster, chain)) await removeAccepted(rule);
  await runProcess('nft', ['delete', 'table', 'ip', tableName(cluster)]).catch(ignoreFailure);
  await runProcess('ip', ['link', 'delete', 'dev', bridgeName(cluster)]).catch(ignoreFailure);
}

function rules(cluster: string, forward: string): Rule[] {
  const bridge = bridgeName(cluster);
  const comment = label(cluster);
  return [
    { table: 'filter', chain: forward, match: ['-i', bridge], comment },
    { table: 'filter', chain: forward, match: ['-o', bridge], comment },
    // Between machines addresses stay as they are, pods' among them, whatever ranges the host's Docker has.
    { table: 'nat', chain: 'POSTROUTING', match: ['-o', bridge], comment },
  ];
}

/** What machines send beyond their net leaves with the host's address. */
function masquerade(cluster: string, machineNet: string): string {
  const table = `ip ${tableName(cluster)}`;
  return `add table ${table}
delete table ${table}
table ${table} {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${machineNet} ip daddr != ${machineNet} oifname != "${bridgeName(cluster)}" masquerade
  }
}
`;
}
