/** Service accounts: who the processes of a pod are, and which secrets they may use. */
import { ageColumn, nameColumn } from '../columns.ts';
import { Description } from '../describe.ts';
import { eventsAbout } from '../describe-events.ts';
import { defineKind } from '../kind.ts';
import { ServiceAccount as schema } from '../types/service-account.ts';

export const ServiceAccount = defineKind<schema>({
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  schema,

  deleteAnswersObject: true,

  columns: [nameColumn, ageColumn],
  related: (account) => ({ events: eventsAbout('ServiceAccount', account) }),
  describe(account) {
    const { metadata, secrets = [], imagePullSecrets = [] } = account;
    const text = new Description().head(account).labels(0, metadata.labels).annotations(0, metadata.annotations);
    text.values(
      0,
      'Image pull secrets',
      imagePullSecrets.map(({ name = '' }) => name),
    );
    text.values(
      0,
      'Mountable secrets',
      secrets.map(({ name = '' }) => name),
    );
    return text.toString();
  },

  example: {
    metadata: { name: 'builder', namespace: 'default' },
    secrets: [{ name: 'builder-token' }],
    imagePullSecrets: [{ name: 'registry' }],
    automountServiceAccountToken: false,
  },
});
export type ServiceAccount = schema;
