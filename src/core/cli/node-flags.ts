/** Flags on which nodes there are and when they count as dead, under the names of 0.17's controller-manager. */
import * as Flags from '@oclif/core/flags';
import type { NodeSettings } from '../cluster/config.ts';
import { durationFlag } from './durations.ts';

export const nodeFlags = {
  machines: Flags.string({
    helpValue: 'NAME,…',
    description: 'nodes to register at the start that are no machines of this cluster',
  }),
  'sync-nodes': Flags.boolean({
    allowNo: true,
    description: 'keep the nodes in line with the machines of this cluster (default true)',
  }),
  'node-sync-period': durationFlag({ description: 'how often that, and nodes that are silent, are looked at (10s)' }),
  'node-monitor-grace-period': durationFlag({
    description: 'a node without a heartbeat for so long is Unknown (5s, more with more than 40 machines)',
  }),
  'node-startup-grace-period': durationFlag({ description: 'the same for a node that has never sent one (1m)' }),
  'pod-eviction-timeout': durationFlag({
    description: 'the pods of a node that is not ready are deleted after so long (0s)',
  }),
};

interface NodeFlags {
  machines?: string | undefined;
  'sync-nodes'?: boolean | undefined;
  'node-sync-period'?: number | undefined;
  'node-monitor-grace-period'?: number | undefined;
  'node-startup-grace-period'?: number | undefined;
  'pod-eviction-timeout'?: number | undefined;
}

/** What was said; undefined when nothing was. */
export function nodeSettings(flags: NodeFlags): NodeSettings | undefined {
  const said = {
    machines: flags.machines?.split(',').filter(Boolean),
    sync: flags['sync-nodes'],
    syncPeriodMs: flags['node-sync-period'],
    monitorGraceMs: flags['node-monitor-grace-period'],
    startupGraceMs: flags['node-startup-grace-period'],
    podEvictionTimeoutMs: flags['pod-eviction-timeout'],
  };
  const given = Object.entries(said).filter(([, value]) => value !== undefined);
  return given.length > 0 ? (Object.fromEntries(given) as NodeSettings) : undefined;
}
