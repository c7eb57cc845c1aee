/** The nftables data path: renders the table and hands it to the kernel when it changed. */
import { ProcessError, runProcess } from '../async/process.ts';
import type { DataPath } from './data-path.ts';
import { applyRules, type NftOptions, renderRules } from './nftables.ts';

export function nftDataPath(options: NftOptions): DataPath {
  let applied = '';
  return {
    mode: 'nftables',
    async apply(portals) {
      if (options.bridge) await allowHairpins(options.bridge).catch(ignoreFailure);
      const text = renderRules(portals, options);
      if (text === applied) return;
      await applyRules(text);
      applied = text;
    },
    // The rules stay: running containers keep their services while no kubecfg process runs.
    async close() {},
  };
}

/** One port of a bridge, as `ip -j -d link` tells it. */
interface BridgePort {
  ifname: string;
  linkinfo?: { info_slave_data?: { hairpin?: boolean } };
}

/**
 * A pod that reaches itself through a portal: the bridge translates the frame (br_netfilter) and would have to send it out of the
 * port it came in by, which it does only where hairpin mode is on. Pods are backends only once their port exists, and
 * every change of backends comes through here. (/sys would show the bridges of another network namespace.)
 */
async function allowHairpins(bridge: string): Promise<void> {
  const text = await runProcess('ip', ['-j', '-d', 'link', 'show', 'master', bridge]);
  const closed = (JSON.parse(text || '[]') as BridgePort[]).filter((port) => !port.linkinfo?.info_slave_data?.hairpin);
  if (closed.length === 0) return;
  const lines = closed.map(({ ifname }) => `link set dev ${ifname} type bridge_slave hairpin on`);
  await runProcess('ip', ['-force', '-batch', '-'], `${lines.join('\n')}\n`);
}

/** A port that vanished meanwhile belonged to a pod that ended. */
function ignoreFailure(e: unknown): void {
  if (!(e instanceof ProcessError)) throw e;
}
