/** Rules reviews: what may I do? As long as nobody is kept from anything, everything. */
import { ageColumn, nameColumn } from '../columns.ts';
import { defineKind } from '../kind.ts';
import { SelfSubjectRulesReview as schema } from '../types/review.ts';

export const SelfSubjectRulesReview = defineKind<schema>({
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  singular: 'selfsubjectrulesreview',
  group: 'authorization.k8s.io',
  namespaced: false,
  schema,

  verbs: ['create'],

  review(asked) {
    asked.status = {
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: false,
    };
  },

  columns: [nameColumn, ageColumn],

  example: {
    spec: { namespace: 'default' },
    status: { resourceRules: [{ verbs: ['*'] }], nonResourceRules: [{ verbs: ['*'] }], incomplete: false },
  },
});
export type SelfSubjectRulesReview = schema;
