/** Whoever creates something in a namespace that is missing gets the namespace too. */
import { Namespace } from '../../api/kinds/index.ts';
import { dnsLabelProblems } from '../../api/validation/names.ts';
import type { AdmissionPlugin } from './plugin.ts';

export function namespaceAutoProvision(createNamespace: (name: string) => Promise<void>): AdmissionPlugin {
  return {
    name: 'NamespaceAutoProvision',
    admit({ verb, kind, namespace = '', cache }) {
      if (verb !== 'create' || !kind.namespaced) return undefined;
      const namespaces = cache.resource(Namespace);
      if (namespaces.get(namespaces.key(undefined, namespace))) return undefined;
      // The object's own validation says what is wrong with such a name.
      return dnsLabelProblems(namespace).length ? undefined : createNamespace(namespace);
    },
  };
}
