import type { Docs } from './docs.ts';

const verb = 'The verb, such as get or create; * is all of them.';
const verbs = 'The verbs; * is all of them.';
const evaluationError = 'What kept the server from knowing.';

export const reviewDocs: Docs = {
  SelfSubjectAccessReview: {
    '': 'Asks whether the caller may do something.',
    spec: 'What he would do.',
    status: 'The answer.',
  },
  SelfSubjectAccessReviewSpec: {
    '': 'Something a caller would do, to an object or at another path.',
    resourceAttributes: 'What he would do to an object.',
    nonResourceAttributes: 'What he would do at a path that is no resource.',
  },
  ResourceAttributes: {
    '': 'A verb and the objects it is about.',
    namespace: 'The namespace of the objects; none for those that are in none.',
    verb,
    group: 'The group of the resource; * is all of them.',
    version: 'The version of the resource; * is all of them.',
    resource: 'The resource, such as pods; * is all of them.',
    subresource: 'The part of the object, such as log.',
    name: 'The name of the one object it is about.',
  },
  NonResourceAttributes: { '': 'A verb and a path.', path: 'The path, such as /metrics.', verb },
  SubjectAccessReviewStatus: {
    '': 'Whether something is allowed.',
    allowed: 'Whether it is.',
    denied: 'Whether somebody forbids it, so that nobody else is asked.',
    reason: 'Why, in words for people.',
    evaluationError,
  },
  SelfSubjectRulesReview: {
    '': 'Asks for everything that the caller may do in a namespace.',
    spec: 'Which namespace.',
    status: 'The answer.',
  },
  SelfSubjectRulesReviewSpec: { '': 'Where the caller would do something.', namespace: 'The namespace.' },
  SubjectRulesReviewStatus: {
    '': 'What somebody may do.',
    resourceRules: 'What he may do to objects.',
    nonResourceRules: 'What he may do at other paths.',
    incomplete: 'Whether there may be more.',
    evaluationError,
  },
  ResourceRule: {
    '': 'Verbs and the objects they are allowed for.',
    verbs,
    apiGroups: 'The groups of the resources; * is all of them.',
    resources: 'The resources; * is all of them.',
    resourceNames: 'The names of the objects; none given is all of them.',
  },
  NonResourceRule: {
    '': 'Verbs and the paths they are allowed for.',
    verbs,
    nonResourceURLs: 'The paths; * at the end is whatever follows.',
  },
  SelfSubjectReview: { '': 'Asks whom the server takes the caller for.', status: 'The answer.' },
  SelfSubjectReviewStatus: { '': 'Whom the server takes somebody for.', userInfo: 'The user.' },
  UserInfo: {
    '': 'A user.',
    username: 'The name, unlike that of every other user.',
    uid: 'Tells apart users who had the same name at different times.',
    groups: 'The groups the user is in.',
  },
};
