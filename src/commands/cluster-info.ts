import { Service } from '../core/api/kinds/index.ts';
import { ApiCommand } from '../core/cli/base.ts';

export default class ClusterInfo extends ApiCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Show where the API server and the services of the cluster are';
  static override description =
    `Services count as the cluster's own when they carry the label kubernetes.io/cluster-service=true.`;
  static override examples = ['<%= config.bin %> cluster-info'];

  async run(): Promise<void> {
    const { flags } = await this.parse(ClusterInfo);
    const api = await this.connect(flags);
    const labelSelector = 'kubernetes.io/cluster-service=true';
    const { items } = await api.client.list(Service, '', { labelSelector });
    this.print(`Kubernetes master is running at ${api.server}`);
    for (const { metadata, spec } of items) {
      const name = metadata.labels?.['kubernetes.io/name'] ?? metadata.labels?.['name'] ?? metadata.name;
      const urls = (spec.ports ?? []).map(({ port }) => `http://${spec.clusterIP}:${port}`);
      this.print(`${name} is running at ${urls.join(' ')}`);
    }
  }
}
