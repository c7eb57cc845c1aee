/** Nothing is created in a namespace that is missing or being terminated, and some namespaces stay for ever. */
import { Namespace } from '../../api/kinds/index.ts';
import { ApiError, forbidden, notFound } from '../../api/status.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

const immortal = new Set(['default', 'kube-system', 'kube-public']);

export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  admit(request) {
    if (request.verb === 'create' && request.kind.namespaced) requireActiveNamespace(request);
    if (request.verb === 'delete' && request.kind === Namespace && immortal.has(request.name)) {
      throw forbidden(Namespace, request.name, 'this namespace may not be deleted');
    }
  },
};

function requireActiveNamespace({ kind, name, namespace = '', cache, compare }: AdmissionRequest): void {
  const namespaces = cache.resource(Namespace);
  const entry = namespaces.get(namespaces.key(undefined, namespace));
  if (!entry) throw notFound(Namespace, namespace);
  if (entry.object.metadata.deletionTimestamp) {
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const error = forbidden(kind, name, why);
    const message = `namespace ${namespace} is being terminated`;
    const causes = [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }];
    throw new ApiError('Forbidden', error.message, { ...error.status.details, causes });
  }
  // It may begin to terminate while this write is on its way; then the write must not happen.
  compare.push({ key: entry.key, target: 'mod', is: '=', value: entry.revision });
}
