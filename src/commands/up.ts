import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand, clusterFlags } from '../core/cli/base.ts';
import { writeContext } from '../core/cli/kubeconfig.ts';
import { clusterOf, reportTo } from '../core/cli/local.ts';
import { readMachineFiles } from '../core/cli/machine-files.ts';
import { storeFlags, storeWishOf } from '../core/cli/store-flags.ts';
import { providerNames } from '../core/cluster/provider.ts';

export default class Up extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Bring up a local cluster, complete it, or start one of its machines';
  static override description =
    "Starts a daemon with all roles and N machines and waits until every machine is ready. Running it again continues: what is up stays up, what is missing is started. What a failing or interrupted first start began is undone. A kubeconfig context of the cluster's name is written and made the current one.";
  static override args = {
    machine: Args.string({ ignoreStdin: true, description: 'start this machine only, such as core-02' }),
  };
  static override flags = {
    ...clusterFlags,
    'num-instances': Flags.integer({
      min: 0,
      helpValue: 'N',
      description: 'machines (default 1, isolated ones 3); 0 is a control plane alone',
    }),
    provider: Flags.option({
      options: providerNames,
      description:
        'shared: machines are kubelets of one daemon (default); isolated: each is a host of its own, needs root',
    })(),
    runtime: Flags.option({
      options: ['docker', 'hollow'] as const,
      description: 'hollow runs nothing and remembers everything',
    })(),
    port: Flags.integer({
      min: 0,
      max: 65535,
      helpValue: 'PORT',
      description: 'of the API server on 127.0.0.1 (default 8080)',
    }),
    'portal-net': Flags.string({
      helpValue: 'CIDR',
      description: 'addresses of services (default 10.0.0.0/16 or the next free)',
    }),
    'pod-net': Flags.string({
      helpValue: 'CIDR',
      description: 'addresses of pods (default 10.244.0.0/16 or the next free)',
    }),
    'machine-net': Flags.string({ helpValue: 'CIDR', description: 'addresses of machines (default 172.17.8.0/24)' }),
    'user-data': Flags.string({
      helpValue: 'FILE',
      description: 'cloud-config of the machines; what of it local machines do without is said',
    }),
    config: Flags.string({
      helpValue: 'FILE',
      description: "Vagrant's config.rb: number and names of machines from its literal assignments; never executed",
    }),
    ...storeFlags,
  };
  static override examples = [
    '<%= config.bin %> up',
    '<%= config.bin %> up --num-instances 3',
    '<%= config.bin %> up core-02',
    '<%= config.bin %> up --provider isolated --num-instances 3 --user-data user-data',
    '<%= config.bin %> up --user-data user-data --config config.rb',
    '<%= config.bin %> up --etcd-servers http://127.0.0.1:4001',
    '<%= config.bin %> up --runtime hollow --num-instances 200 --name big --port 8090',
  ];

  async run(): Promise<void> {
    const { flags, args } = await this.parse(Up);
    const { dataDir, name } = clusterOf(flags);
    const { startMachine, up } = await import('../core/cluster/lifecycle.ts');
    const report = reportTo(this.context, name);
    if (args.machine) return startMachine(dataDir, args.machine, report);

    const started = this.context.clock.monotonic();
    const { provider } = flags;
    const files = await readMachineFiles(flags, (message) => report({ message }), provider);
    const { machines, machinePrefix, fleetMetadata, discovery, userData } = files;
    const wishes = {
      name,
      provider,
      machinePrefix,
      fleetMetadata,
      discovery: provider === 'isolated' ? discovery : undefined,
      userData,
      machines: flags['num-instances'] ?? machines,
      runtime: flags.runtime,
      port: flags.port,
      portalNet: flags['portal-net'],
      podNet: flags['pod-net'],
      machineNet: flags['machine-net'],
      etcd: storeWishOf(flags),
    };
    const result = await up(dataDir, wishes, report, this.context.signal);
    const { name: cluster, server, tls } = result;
    const file = writeContext({ name: cluster, server, tls, kubeconfig: flags.kubeconfig }, this.context.env);
    report({ message: `kubeconfig context "${cluster}" in ${file}` });
    const seconds = ((this.context.clock.monotonic() - started) / 1000).toFixed(2);
    report({ message: result.already ? `up at ${server}` : `up at ${server} after ${seconds} s` });
  }
}
