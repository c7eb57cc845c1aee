/** The objects that `delete`, `stop`, `label` and `wait` act on: from files, by name, by selector, or all of a type. */
import type { Kind } from '../api/kind.ts';
import type { KubeObject } from '../api/object.ts';
import { namespaceOf } from './base.ts';
import type { Connection } from './connection.ts';
import type { Context } from './context.ts';
import { UsageError } from './errors.ts';
import { parseSelection, type Selection } from './resources.ts';

export interface Target {
  // biome-ignore lint/suspicious/noExplicitAny: kinds of every type are targets
  kind: Kind<any>;
  namespace: string;
  name: string;
}

export interface TargetFlags {
  namespace?: string | undefined;
  filename?: string[] | undefined;
  selector?: string | undefined;
  'field-selector'?: string | undefined;
  all?: boolean | undefined;
}

/** Checks the words and reads the files; asks the server, once there is one, what selectors select. */
export async function readTargets(
  words: readonly string[],
  flags: TargetFlags,
  { context, verb }: { context: Context; verb: string },
): Promise<(api: Connection) => Promise<Target[]>> {
  if (flags.filename) {
    if (words.length > 0) throw new UsageError('names cannot be given together with -f');
    const { namespaceFor, readManifests } = await import('./manifests.ts');
    const manifests = await readManifests(flags.filename, context);
    return async (api) =>
      manifests.map((manifest) => {
        const name = manifest.object.metadata?.name;
        if (!name) throw new UsageError(`${manifest.at('metadata')}: metadata.name is missing`);
        const namespace = namespaceFor(manifest, { flag: flags.namespace, current: api.namespace });
        return { kind: manifest.kind, namespace, name };
      });
  }
  const selection = parseSelection(words, `kubecfg ${verb} pod web`);
  const selects = flags.all || flags.selector !== undefined || flags['field-selector'] !== undefined;
  checkSelection(selection, selects, verb);
  return (api) => resolve(api, selection, flags);
}

function checkSelection(selection: Selection, selects: boolean, verb: string): void {
  if (selection.type === 'objects' && selects) {
    throw new UsageError('names cannot be given together with --all or a selector');
  }
  if (selection.type === 'collections' && !selects) {
    throw new UsageError(`which ones? Name them (kubecfg ${verb} pod web), select them with -l, or say --all`);
  }
}

async function resolve(api: Connection, selection: Selection, flags: TargetFlags): Promise<Target[]> {
  if (selection.type === 'objects') {
    return selection.objects.map(({ kind, name }) => ({ kind, name, namespace: namespaceOf(kind, api.namespace) }));
  }
  const options = {
    ...(flags.selector ? { labelSelector: flags.selector } : {}),
    ...(flags['field-selector'] ? { fieldSelector: flags['field-selector'] } : {}),
  };
  const lists = selection.kinds.map(async (kind) => {
    const { items } = await api.client.list(kind, namespaceOf(kind, api.namespace), options);
    return items.map(({ metadata }: KubeObject) => ({
      kind,
      namespace: metadata.namespace ?? '',
      name: metadata.name ?? '',
    }));
  });
  return (await Promise.all(lists)).flat();
}
