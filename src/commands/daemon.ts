import * as Flags from '@oclif/core/flags';
import { BaseCommand, clusterFlags } from '../core/cli/base.ts';
import { durationFlag } from '../core/cli/durations.ts';
import { UsageError, usage } from '../core/cli/errors.ts';
import { clusterOf } from '../core/cli/local.ts';
import { nodeFlags, nodeSettings } from '../core/cli/node-flags.ts';
import { storeFlags, storeWishOf } from '../core/cli/store-flags.ts';
import type { ApiSettings, HistoryLimits } from '../core/cluster/cluster.ts';

export default class Daemon extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Run the cluster in the foreground';
  static override description =
    'Runs until SIGTERM or SIGINT; containers keep running and are adopted by the next start. Without the role apiserver, --server names the one to work for. Any number may run on one etcd, or as schedulers and controllers of one server: one of them schedules and one controls, the others stand by.';
  static override flags = {
    ...clusterFlags,
    roles: Flags.string({
      default: 'apiserver,scheduler,controllers,node',
      helpValue: 'ROLE,…',
      description: 'parts to run: apiserver, scheduler, controllers, node',
    }),
    server: Flags.string({
      char: 's',
      helpValue: 'URL',
      description: 'API server to work for, without the role apiserver',
    }),
    'admission-control': Flags.string({
      helpValue: 'NAME,…',
      description: 'plug-ins that every write has to pass, from now on',
    }),
    'cors-allowed-origins': Flags.string({
      helpValue: 'REGEXP,…',
      description: 'origins of web pages that may use the API',
    }),
    'event-ttl': durationFlag({ description: 'how long an event is kept after its last change (default 1h)' }),
    ...nodeFlags,
    'compaction-interval': durationFlag({
      description: 'how long lists and watches can reach back: one to two of these (default 5m)',
    }),
    'compaction-keep-revisions': Flags.integer({
      min: 1,
      helpValue: 'N',
      description: 'cut history back to N revisions when there are twice as many (default 50000)',
    }),
    ...storeFlags,
    'num-instances': Flags.integer({ min: 0, helpValue: 'N', description: 'machines of a new cluster (default 1)' }),
    runtime: Flags.option({
      options: ['docker', 'hollow'] as const,
      description: 'of a new cluster (default docker)',
    })(),
    port: Flags.integer({ min: 0, max: 65535, helpValue: 'PORT', description: 'of a new cluster (default 8080)' }),
  };
  static override examples = [
    '<%= config.bin %> daemon --num-instances 3',
    '<%= config.bin %> daemon --roles apiserver,controllers',
    '<%= config.bin %> daemon --admission-control NamespaceAutoProvision,LimitRanger,ResourceQuota',
    '<%= config.bin %> daemon --roles apiserver,scheduler,controllers --etcd-servers http://10.0.0.1:2379,http://10.0.0.2:2379',
    '<%= config.bin %> daemon --roles scheduler --server http://127.0.0.1:8080 --data-dir /tmp/second',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(Daemon);
    const { dataDir, name } = clusterOf(flags);
    const { textLog } = await import('../core/async/log.ts');
    const { runDaemon } = await import('../core/cluster/daemon.ts');
    const { reportFailure, reportToStarter } = await import('../core/cluster/daemon-report.ts');
    const { newConfig } = await import('../core/cluster/defaults.ts');
    const { defaultPort } = await import('../core/cluster/provider.ts');
    const { parseRoles } = await import('../core/cluster/roles.ts');
    const roles = usage(() => parseRoles(flags.roles));
    const log = textLog((line) => this.context.stdout.write(line));
    const { 'num-instances': machines = 1, runtime = 'docker', port = defaultPort } = flags;
    const etcd = storeWishOf(flags);
    const wishes = { name, machines, runtime, port, etcd: etcd || undefined };
    try {
      await runDaemon({
        dataDir,
        roles,
        server: flags.server,
        admission: flags['admission-control']?.split(','),
        nodes: nodeSettings(flags),
        history: historyOf(flags),
        etcd,
        api: apiSettings(flags),
        fresh: () => newConfig(wishes),
        log,
        signal: this.context.signal,
        report: reportToStarter(({ machine, message }) => log.info(machine ? `${machine}: ${message}` : message)),
      });
    } catch (e) {
      reportFailure((e as Error).message);
      throw e;
    }
  }
}

function apiSettings(flags: {
  'cors-allowed-origins'?: string | undefined;
  'event-ttl'?: number | undefined;
}): ApiSettings {
  const { 'cors-allowed-origins': origins, 'event-ttl': ttlMs } = flags;
  if (ttlMs !== undefined && ttlMs < 1_000) throw new UsageError('--event-ttl: at least 1s');
  const patterns = origins?.split(',');
  for (const pattern of patterns ?? []) usage(() => new RegExp(pattern));
  return {
    ...(patterns && { corsAllowedOrigins: patterns }),
    ...(ttlMs !== undefined && { eventTtlSeconds: Math.ceil(ttlMs / 1000) }),
  };
}

function historyOf(flags: {
  'compaction-interval'?: number | undefined;
  'compaction-keep-revisions'?: number | undefined;
}): HistoryLimits {
  const { 'compaction-interval': intervalMs, 'compaction-keep-revisions': keepRevisions } = flags;
  if (intervalMs !== undefined && intervalMs < 1_000) throw new UsageError('--compaction-interval: at least 1s');
  return {
    ...(intervalMs !== undefined && { compactionIntervalMs: intervalMs }),
    ...(keepRevisions !== undefined && { compactionKeepRevisions: keepRevisions }),
  };
}
