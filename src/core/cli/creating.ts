/** What `create` and `run` do with objects once they have them. */
import type { KubeObject } from '../api/object.ts';
import type { Connection } from './connection.ts';
import type { Context } from './context.ts';
import { type Manifest, namespaceFor } from './manifests.ts';
import { objectPrinter } from './printers/index.ts';
import { changeEach, inNamespace, located, nameFor } from './writing.ts';

export interface CreateFlags {
  namespace?: string | undefined;
  output?: string | undefined;
  'dry-run': 'none' | 'client' | 'server';
}

export interface CreateContext {
  connect(): Promise<Connection>;
  context: Context;
}

export async function create(
  manifests: readonly Manifest[],
  flags: CreateFlags,
  { connect, context }: CreateContext,
): Promise<void> {
  const printer = await objectPrinter(flags.output);
  const dryRun = flags['dry-run'];
  const api = await connect();
  const suffix = { none: '', client: ' (dry run)', server: ' (server dry run)' }[dryRun];
  await changeEach(manifests, { done: 'created', printer, stdout: context.stdout }, async (manifest) => {
    const namespace = namespaceFor(manifest, { flag: flags.namespace, current: api.namespace });
    const wanted = inNamespace(manifest.object, namespace);
    const object = dryRun === 'client' ? wanted : await post(api, { ...manifest, object: wanted }, dryRun === 'server');
    return { object, line: `${nameFor(manifest.kind, object.metadata.name)} created${suffix}` };
  });
}

async function post(api: Connection, manifest: Manifest, dryRun: boolean): Promise<KubeObject> {
  try {
    const options = {
      fieldManager: 'kubecfg-create',
      fieldValidation: 'Strict',
      ...(dryRun ? { dryRun } : {}),
    } as const;
    return await api.client.create(manifest.kind, manifest.object, options);
  } catch (error) {
    throw located(error, manifest, 'creating');
  }
}
