/**
 * Every pod runs as a service account of its namespace: the one it names, which must be there, or `default`, which the
 * controller makes soon after the namespace and which is not waited for, since nothing depends on it: this server issues
 * no tokens, so no token volume is added either.
 */
import { Pod, ServiceAccount } from '../../api/kinds/index.ts';
import { forbidden } from '../../api/status.ts';
import type { AdmissionPlugin } from './plugin.ts';

const standard = 'default';

export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  admit({ verb, kind, namespace, name, object, cache }) {
    if (kind !== Pod || verb !== 'create') return;
    const { spec } = object as Pod;
    spec.serviceAccountName ||= standard;
    spec.serviceAccount = spec.serviceAccountName;
    const accounts = cache.resource(ServiceAccount);
    const account = accounts.get(accounts.key(namespace, spec.serviceAccountName))?.object as
      | ServiceAccount
      | undefined;
    if (!account && spec.serviceAccountName !== standard) {
      const which = `${namespace}/${spec.serviceAccountName}`;
      const why = `serviceaccount "${spec.serviceAccountName}" not found`;
      throw forbidden(Pod, name, `error looking up service account ${which}: ${why}`);
    }
    if (account?.imagePullSecrets?.length && !spec.imagePullSecrets?.length) {
      spec.imagePullSecrets = structuredClone(account.imagePullSecrets);
    }
  },
};
