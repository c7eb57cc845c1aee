/** Reviews: who the server takes the caller for, and what it would let him do. */
import { bool, list, opt, ptr, req, type Static, str, struct } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';

export const ResourceAttributes = struct('ResourceAttributes', {
  namespace: opt(1, str),
  verb: opt(2, str),
  group: opt(3, str),
  version: opt(4, str),
  resource: opt(5, str),
  subresource: opt(6, str),
  name: opt(7, str),
});

export const NonResourceAttributes = struct('NonResourceAttributes', {
  path: opt(1, str),
  verb: opt(2, str),
});

export const SelfSubjectAccessReviewSpec = struct('SelfSubjectAccessReviewSpec', {
  resourceAttributes: ptr(1, ResourceAttributes),
  nonResourceAttributes: ptr(2, NonResourceAttributes),
});

export const SubjectAccessReviewStatus = struct('SubjectAccessReviewStatus', {
  allowed: req(1, bool),
  denied: opt(4, bool),
  reason: opt(2, str),
  evaluationError: opt(3, str),
});

export const SelfSubjectAccessReview = struct('SelfSubjectAccessReview', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  spec: req(2, SelfSubjectAccessReviewSpec),
  status: req(3, SubjectAccessReviewStatus),
});
export type SelfSubjectAccessReview = Static<typeof SelfSubjectAccessReview>;

export const ResourceRule = struct('ResourceRule', {
  verbs: req(1, list(str), { listType: 'atomic' }),
  apiGroups: opt(2, list(str), { listType: 'atomic' }),
  resources: opt(3, list(str), { listType: 'atomic' }),
  resourceNames: opt(4, list(str), { listType: 'atomic' }),
});

export const NonResourceRule = struct('NonResourceRule', {
  verbs: req(1, list(str), { listType: 'atomic' }),
  nonResourceURLs: opt(2, list(str), { listType: 'atomic' }),
});

export const SubjectRulesReviewStatus = struct('SubjectRulesReviewStatus', {
  resourceRules: req(1, list(ResourceRule), { listType: 'atomic' }),
  nonResourceRules: req(2, list(NonResourceRule), { listType: 'atomic' }),
  incomplete: req(3, bool),
  evaluationError: opt(4, str),
});

export const SelfSubjectRulesReviewSpec = struct('SelfSubjectRulesReviewSpec', {
  namespace: opt(1, str),
});

export const SelfSubjectRulesReview = struct('SelfSubjectRulesReview', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  spec: req(2, SelfSubjectRulesReviewSpec),
  status: req(3, SubjectRulesReviewStatus),
});
export type SelfSubjectRulesReview = Static<typeof SelfSubjectRulesReview>;

export const UserInfo = struct('UserInfo', {
  username: opt(1, str),
  uid: opt(2, str),
  groups: opt(3, list(str), { listType: 'atomic' }),
});

export const SelfSubjectReviewStatus = struct('SelfSubjectReviewStatus', {
  userInfo: req(1, UserInfo),
});

export const SelfSubjectReview = struct('SelfSubjectReview', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  status: req(2, SelfSubjectReviewStatus),
});
export type SelfSubjectReview = Static<typeof SelfSubjectReview>;
