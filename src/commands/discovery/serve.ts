import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../core/cli/base.ts';
import { durationFlag } from '../../core/cli/durations.ts';
import { UsageError } from '../../core/cli/errors.ts';
import { parseListenAddress } from '../../core/cli/listen-address.ts';

const weekMs = 7 * 24 * 3600 * 1000;

export default class DiscoveryServe extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Run a discovery service, where the members of a new etcd cluster find each other';
  static override description =
    "Speaks the protocol of discovery.etcd.io: 'GET /new?size=3' answers the URL of a token, and unmodified etcd members started with --discovery=URL wait there for each other. Whoever knows a token may join its cluster. Runs until SIGTERM or SIGINT; tokens are kept on disk.";
  static override flags = {
    addr: Flags.string({
      char: 'a',
      default: '127.0.0.1:8087',
      helpValue: 'HOST:PORT',
      description: 'where to listen; :8087 is every address of this host',
    }),
    'data-dir': Flags.string({
      helpValue: 'DIR',
      description: 'where tokens are kept (default ~/.kubecfg/discovery-service)',
    }),
    'public-url': Flags.string({
      helpValue: 'URL',
      description: 'how machines reach the service (default: at the address they ask for a token at)',
    }),
    ttl: durationFlag({
      default: weekMs,
      defaultHelp: async () => '168h',
      description: 'a token expires so long after the last registration under it; 0 is never',
    }),
  };
  static override examples = [
    '<%= config.bin %> discovery serve',
    '<%= config.bin %> discovery serve --addr :8087 --public-url http://discovery.example.com:8087 --ttl 24h',
    'curl http://127.0.0.1:8087/new?size=3',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(DiscoveryServe);
    const address = parseListenAddress('addr', flags.addr);
    const publicUrl = flags['public-url'] === undefined ? undefined : plainUrl(flags['public-url']);
    const dataDir = resolve(flags['data-dir'] ?? join(homedir(), '.kubecfg', 'discovery-service'));
    if (flags.ttl < 0) throw new UsageError('--ttl: a time cannot be negative');
    const { textLog } = await import('../../core/async/log.ts');
    const { startDiscovery } = await import('../../core/machines/index.ts');
    const log = textLog((line) => this.context.stdout.write(line));
    const { clock, signal } = this.context;
    const service = await startDiscovery({ ...address, dataDir, publicUrl, ttlMs: flags.ttl, clock, log });
    try {
      log.info(`discovery service at ${service.url}, tokens in ${dataDir}`);
      await new Promise<void>((end) => {
        if (signal.aborted) end();
        signal.addEventListener('abort', () => end());
      });
      log.info('stopping');
    } finally {
      await service.stop();
    }
  }
}

/** The original's rule: members look for tokens right below the host. */
function plainUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search || url.hash || url.username)
    throw new UsageError(`--public-url ${text}: not a URL of scheme and host only, such as http://10.0.0.1:8087`);
  return url.origin;
}
