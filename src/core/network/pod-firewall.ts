/**
 * What packets of pods may do on this machine: they are forwarded (Docker sets that policy to DROP), and leave with their
 * own address, except to where nobody knows a way back to it.
 */
import { runProcess } from '../async/process.ts';
import { ignoreFailure } from './failures.ts';
import { ensureAccepted, forwardChain, forwardChains, type Rule, removeAccepted, rulesOf } from './iptables.ts';
import type { PodMachine, PodNets, PodPlan } from './pod-plan.ts';

const tableName = (cluster: string) => `kubecfg-${cluster}-pods`;
const label = (cluster: string) => `kubecfg.pods=${cluster}`;

/** Harmless when it is as it should be. */
export async function applyFirewall(
  cluster: string,
  machine: PodMachine,
  nets: PodNets,
  plan: Pick<PodPlan, 'neighbours'>,
): Promise<void> {
  await runProcess('nft', ['-f', '-'], renderMasquerade(cluster, machine, nets, plan));
  const chain = await forwardChain();
  for (const rule of rules(cluster, nets.podNet, chain)) await ensureAccepted(rule);
}

/** Answers the nets of pods that the rules were about. */
export async function removeFirewall(cluster: string): Promise<string[]> {
  const nets = new Set<string>();
  for (const chain of forwardChains) {
    for (const line of (await rulesOf(chain)) ?? []) {
      const [, net] = / -[sd] (\S+) /.exec(line) ?? [];
      // The comment is in quotes in some versions.
      if (net && line.split(/["\s]/).includes(label(cluster))) nets.add(net);
    }
    for (const net of nets) for (const rule of rules(cluster, net, chain)) await removeAccepted(rule);
  }
  await runProcess('nft', ['delete', 'table', 'ip', tableName(cluster)]).catch(ignoreFailure);
  return [...nets];
}

function rules(cluster: string, podNet: string, chain: string): Rule[] {
  const comment = label(cluster);
  return [
    { table: 'filter', chain, match: ['-s', podNet], comment },
    { table: 'filter', chain, match: ['-d', podNet], comment },
  ];
}

export function renderMasquerade(
  cluster: string,
  { podCIDR, bridge, tunnel, address }: PodMachine,
  { podNet }: PodNets,
  { neighbours }: Pick<PodPlan, 'neighbours'>,
): string {
  const table = `ip ${tableName(cluster)}`;
  return `add table ${table}
delete table ${table}
table ${table} {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${podCIDR} ip daddr != { ${[podNet, address, ...neighbours].join(', ')} } oifname != "${bridge}" masquerade
    # Answers to what is no pod's would take another way than the tunnel.
    ip saddr != ${podNet} oifname "${tunnel}" masquerade
  }
}
`;
}
