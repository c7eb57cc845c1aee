/** Self reviews: who am I? Nobody proves who he is, so everybody is whom Kubernetes took callers of its open port for. */
import { ageColumn, nameColumn } from '../columns.ts';
import { defineKind } from '../kind.ts';
import { SelfSubjectReview as schema } from '../types/review.ts';

export const SelfSubjectReview = defineKind<schema>({
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  singular: 'selfsubjectreview',
  group: 'authentication.k8s.io',
  namespaced: false,
  schema,

  verbs: ['create'],

  review(asked) {
    // InsecureSuperuser in Kubernetes 1.6 to 1.19.
    asked.status = { userInfo: { username: 'system:unsecured', groups: ['system:masters', 'system:authenticated'] } };
  },

  columns: [nameColumn, ageColumn],

  example: { status: { userInfo: { username: 'system:unsecured', groups: ['system:masters'] } } },
});
export type SelfSubjectReview = schema;
