import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { Kind } from '../core/api/kind.ts';
import type { KubeObject } from '../core/api/object.ts';
import { ApiCommand, namespaceOf } from '../core/cli/base.ts';
import type { Connection } from '../core/cli/connection.ts';
import { UsageError } from '../core/cli/errors.ts';
import { filenameFlag, outputFlag } from '../core/cli/flags.ts';
import { type Manifest, namespaceFor, readManifests } from '../core/cli/manifests.ts';
import { objectPrinter } from '../core/cli/printers/index.ts';
import { type ObjectName, parseObjectName } from '../core/cli/resources.ts';
import { type Changed, changeEach, inNamespace, located, nameFor } from '../core/cli/writing.ts';

export default class Update extends ApiCommand {
  static override summary = 'Replace objects by manifests, or patch one';
  static override description =
    `A manifest with a resourceVersion replaces that version only; without one, whatever is there now.`;
  static override completes = 'file' as const;
  static override strict = false;
  static override usage = '([TYPE/NAME] -f FILE... | TYPE NAME --patch=JSON) [FLAGS]';
  static override args = { type: Args.string({ ignoreStdin: true, description: 'TYPE NAME or TYPE/NAME' }) };
  static override flags = {
    ...filenameFlag,
    ...outputFlag,
    patch: Flags.string({
      exclusive: ['filename'],
      helpValue: 'JSON',
      description: 'merge patch for the named object',
    }),
  };
  static override examples = [
    '<%= config.bin %> update -f web.yaml',
    '<%= config.bin %> update pods/web -c pod.json',
    `<%= config.bin %> update rc web --patch='{"spec":{"replicas":2}}'`,
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Update);
    const words = argv as string[];
    const named = words.length > 0 ? parseObjectName(words, 'kubecfg update rc web') : undefined;
    const show = { done: 'updated', printer: await objectPrinter(flags.output), stdout: this.context.stdout };
    if (flags.filename) {
      const manifests = await readManifests(flags.filename, this.context);
      refuseOthers(manifests, named);
      const api = await this.connect(flags);
      await changeEach(manifests, show, async (manifest) => {
        const namespace = namespaceFor(manifest, { flag: flags.namespace, current: api.namespace });
        return updated(
          manifest.kind,
          await replace(api, { ...manifest, object: inNamespace(manifest.object, namespace) }),
        );
      });
      return;
    }
    if (!named || flags.patch === undefined) {
      throw new UsageError('nothing to update: name files with -f, or an object with --patch');
    }
    const patch = parsePatch(flags.patch);
    const { client, namespace } = await this.connect(flags);
    await changeEach([named], show, async ({ kind, name }) => {
      return updated(kind, await client.patch(kind, namespaceOf(kind, namespace), name, patch));
    });
  }
}

function updated(kind: Kind, object: KubeObject): Changed {
  return { object, line: `${nameFor(kind, object.metadata.name)} updated` };
}

/** A name before -f must be that of the file (kubecfg 0.7.2: update pods/web -c pod.json). */
function refuseOthers(manifests: readonly Manifest[], named: ObjectName | undefined): void {
  const other = named && manifests.find((m) => m.kind !== named.kind || m.object.metadata?.name !== named.name);
  if (other) throw new UsageError(`${other.at('metadata.name')}: this is not ${nameFor(named.kind, named.name)}`);
}

/** Takes the version that is there now when the manifest names none (kubecfg 0.7.2). */
async function replace({ client }: Connection, manifest: Manifest): Promise<KubeObject> {
  const { kind, object } = manifest;
  const { name = '', namespace = '', resourceVersion } = object.metadata ?? {};
  try {
    const current = resourceVersion ?? (await client.get(kind, namespace, name)).metadata.resourceVersion;
    const metadata = { ...object.metadata, resourceVersion: current };
    const options = { fieldManager: 'kubecfg-update', fieldValidation: 'Strict' } as const;
    return await client.update(kind, { ...object, metadata }, options);
  } catch (error) {
    throw located(error, manifest, 'updating');
  }
}

function parsePatch(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--patch is not JSON: ${(error as Error).message}`);
  }
}
