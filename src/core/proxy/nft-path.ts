/** The nftables data path: renders the table and hands it to the kernel when it changed. */
import type { DataPath } from './data-path.ts';
import { applyRules, type NftOptions, renderRules } from './nftables.ts';

export function nftDataPath(options: NftOptions): DataPath {
  let applied = '';
  return {
    mode: 'nftables',
    async apply(portals) {
      const text = renderRules(portals, options);
      if (text === applied) return;
      await applyRules(text);
      applied = text;
    },
    // The rules stay: running containers keep their services while no kubecfg process runs.
    async close() {},
  };
}
