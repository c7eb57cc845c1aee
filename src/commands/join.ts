import { hostname } from 'node:os';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand, clusterFlags } from '../core/cli/base.ts';
import { CliError } from '../core/cli/errors.ts';
import { unitDirFlag, wayToJoin } from '../core/cli/joining.ts';
import { clusterOf } from '../core/cli/local.ts';
import { readMachineFiles } from '../core/cli/machine-files.ts';
import type { JoinWishes } from '../core/cluster/enrol.ts';
import type { Report } from '../core/cluster/progress.ts';

export default class Join extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Make this host a machine of a cluster of several';
  static override description =
    'Under a discovery URL, the first hosts become the etcd cluster and the masters, later ones workers. With --server and a token the host becomes a worker. Runs in the foreground until SIGTERM; containers and etcd keep running, and the next start, which needs neither URL nor token, takes them over. Needs root, a Docker engine, and on masters etcd.';
  static override args = {
    discovery: Args.string({
      ignoreStdin: true,
      description: "what 'kubecfg discovery new' printed; also $KUBECFG_DISCOVERY, or from the user-data",
    }),
  };
  static override flags = {
    ...clusterFlags,
    server: Flags.string({
      char: 's',
      helpValue: 'URL',
      description: 'secure port of a master: https://10.0.0.1:6443',
    }),
    token: Flags.string({
      helpValue: 'TOKEN',
      description:
        "what 'kubecfg token create' printed; better kept out of command lines: $KUBECFG_TOKEN, --token-file",
    }),
    'token-file': Flags.string({ helpValue: 'FILE', description: 'file that holds the token, - for stdin' }),
    'user-data': Flags.string({
      helpValue: 'FILE',
      description: 'cloud-config that names the discovery URL and metadata',
    }),
    metadata: Flags.string({
      helpValue: 'KEY=VALUE,…',
      description: "of the machine, as fleet's (default from the user-data)",
    }),
    'machine-name': Flags.string({ helpValue: 'NAME', description: "of the node (default the host's name)" }),
    address: Flags.string({
      helpValue: 'IP',
      description: 'at which the other machines reach this one (default the first)',
    }),
    'machine-id': Flags.string({ helpValue: 'ID', description: '32 hexadecimal digits (default /etc/machine-id)' }),
    port: Flags.integer({ min: 0, max: 65535, default: 8080, description: 'of the API server on 127.0.0.1' }),
    'secure-port': Flags.integer({
      min: 1,
      max: 65535,
      default: 6443,
      description: 'of the API server, for the others',
    }),
    'pod-cidr': Flags.string({
      helpValue: 'CIDR',
      description: 'addresses of the pods of this machine (default a free range of the pod net)',
    }),
    'portal-net': Flags.string({ helpValue: 'CIDR', default: '10.0.0.0/16', description: 'addresses of services' }),
    'pod-net': Flags.string({ helpValue: 'CIDR', default: '10.244.0.0/16', description: 'addresses of all pods' }),
    install: Flags.boolean({ description: 'write a systemd unit that starts the machine, now and with the host' }),
    ...unitDirFlag,
    'docker-socket': Flags.string({ helpValue: 'FILE', description: 'of the Docker engine (default the usual one)' }),
  };
  static override examples = [
    '<%= config.bin %> join http://10.0.0.1:8087/6c007a14875d53d9bf0ef5a6fc0257c8',
    '<%= config.bin %> join --server https://10.0.0.1:6443 --token-file token',
    '<%= config.bin %> join --install --server https://10.0.0.1:6443 --token-file token',
    '<%= config.bin %> join',
  ];

  async run(): Promise<void> {
    const { flags, args } = await this.parse(Join);
    // A token in the command line is for everybody to read; the title takes its place.
    process.title = 'kubecfg join';
    const { dataDir, name: cluster } = clusterOf(flags);
    const { textLog } = await import('../core/async/log.ts');
    const { reportFailure, reportToStarter } = await import('../core/cluster/daemon-report.ts');
    const { join } = await import('../core/cluster/join.ts');
    const { newHost } = await import('../core/cluster/new-host.ts');
    const log = textLog((line) => this.context.stdout.write(line));
    const report = reportToStarter(({ machine, message }) => log.info(machine ? `${machine}: ${message}` : message));
    try {
      const files = await readMachineFiles(flags, (message) => report({ message }), 'isolated');
      const { userData, fleetMetadata, discovery: fromFile } = files;
      const discovery = args.discovery ?? this.context.env['KUBECFG_DISCOVERY'] ?? fromFile;
      const via = await wayToJoin({ ...flags, discovery }, this.context);
      const name = flags['machine-name'] ?? (hostname().split('.')[0] ?? '').toLowerCase();
      const asked = { podCIDR: flags['pod-cidr'], portalNet: flags['portal-net'], podNet: flags['pod-net'] };
      const machine = { cluster, name, address: flags.address, machineID: flags['machine-id'], port: flags.port };
      const wishes = via && {
        via,
        securePort: flags['secure-port'],
        dockerSocket: flags['docker-socket'],
        userData,
        config: newHost({ ...machine, ...asked, fleetMetadata: flags.metadata ?? fleetMetadata }),
      };
      if (flags.install) return await this.#install(dataDir, wishes, flags['unit-dir']);
      await join({ dataDir, wishes, log, report, signal: this.context.signal });
    } catch (e) {
      this.context.signal.throwIfAborted();
      reportFailure((e as Error).message);
      throw e instanceof CliError ? e : new CliError((e as Error).message);
    }
  }

  async #install(dataDir: string, wishes: JoinWishes | undefined, unitDir: string): Promise<void> {
    const { install } = await import('../core/cluster/install.ts');
    const report: Report = ({ message }) => this.print(message);
    if (await install({ dataDir, wishes, unitDir, report })) {
      this.print("started; 'journalctl -u kubecfg' tells how far it is");
      return;
    }
    throw new CliError('no systemd runs on this host: the machine has not been started', {
      hint: "Under systemd, 'systemctl daemon-reload && systemctl enable --now kubecfg' starts it; without, 'kubecfg join' does.",
    });
  }
}
