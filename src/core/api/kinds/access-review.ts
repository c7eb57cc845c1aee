/** Access reviews: may I do this? As long as nobody is kept from anything, the answer is yes. */
import { ageColumn, nameColumn } from '../columns.ts';
import { defineKind } from '../kind.ts';
import { SelfSubjectAccessReview as schema } from '../types/review.ts';
import { invalidValue } from '../validation/errors.ts';

export const SelfSubjectAccessReview = defineKind<schema>({
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  singular: 'selfsubjectaccessreview',
  group: 'authorization.k8s.io',
  namespaced: false,
  schema,

  verbs: ['create'],

  validate({ spec: { resourceAttributes, nonResourceAttributes } }) {
    if (resourceAttributes && nonResourceAttributes) {
      const detail = 'cannot be specified in combination with resourceAttributes';
      return [invalidValue('spec.nonResourceAttributes', nonResourceAttributes, detail)];
    }
    if (resourceAttributes || nonResourceAttributes) return [];
    const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    return [invalidValue('spec.resourceAttributes', null, detail)];
  },
  review(asked) {
    asked.status = { allowed: true };
  },

  columns: [nameColumn, ageColumn],

  example: {
    spec: { resourceAttributes: { namespace: 'default', verb: 'create', resource: 'pods' } },
    status: { allowed: true },
  },
});
export type SelfSubjectAccessReview = schema;
