/** The nftables data path: renders the table and hands it to the kernel when it changed. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataPath } from './data-path.ts';
import { applyRules, type NftOptions, renderRules } from './nftables.ts';

export function nftDataPath(options: NftOptions): DataPath {
  let applied = '';
  return {
    mode: 'nftables',
    async apply(portals) {
      if (options.bridge) await allowHairpins(options.bridge);
      const text = renderRules(portals, options);
      if (text === applied) return;
      await applyRules(text);
      applied = text;
    },
    // The rules stay: running containers keep their services while no kubecfg process runs.
    async close() {},
  };
}

/**
 * A pod that reaches itself through a portal: the bridge translates the frame (br_netfilter) and would have to send it out of the
 * port it came in by, which it does only where hairpin mode is on. Pods are backends only once their port exists, and
 * every change of backends comes through here.
 */
async function allowHairpins(bridge: string): Promise<void> {
  const ports = join('/sys/class/net', bridge, 'brif');
  for (const port of await readdir(ports).catch(() => [])) {
    // A port that vanishes meanwhile belonged to a pod that ended.
    await writeFile(join(ports, port, 'hairpin_mode'), '1').catch(() => {});
  }
}
