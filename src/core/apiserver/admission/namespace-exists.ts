/** Nothing is written in a namespace that is missing. NamespaceLifecycle asks for the same, and more, when things are created. */
import { Namespace } from '../../api/kinds/index.ts';
import { notFound } from '../../api/status.ts';
import type { AdmissionPlugin } from './plugin.ts';

export const namespaceExists: AdmissionPlugin = {
  name: 'NamespaceExists',
  admit({ kind, namespace = '', cache }) {
    if (!kind.namespaced) return;
    const namespaces = cache.resource(Namespace);
    if (!namespaces.get(namespaces.key(undefined, namespace))) throw notFound(Namespace, namespace);
  },
};
