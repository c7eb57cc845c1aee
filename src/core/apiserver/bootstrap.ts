/** What must be there before the first user comes. */
import { Namespace } from '../api/kinds/index.ts';
import { isAlreadyExists } from '../api/status.ts';
import type { Context } from './context.ts';
import { create } from './verbs/create.ts';

const namespaces = ['default', 'kube-system'];

export async function bootstrap(context: Context): Promise<void> {
  const resource = context.cache.resource(Namespace);
  const missing = namespaces.filter((name) => !resource.get(resource.key(undefined, name)));
  // Users' rules are not for these.
  const unasked = { ...context, admission: [] };
  await Promise.all(missing.map((name) => createNamespace(unasked, name)));
}

/** Someone else may have been faster. */
export async function createNamespace(context: Context, name: string): Promise<void> {
  try {
    await create(context, { verb: 'create', kind: Namespace, body: { metadata: { name } } });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
