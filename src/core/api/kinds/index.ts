/**
 * The kinds, one file each; this is the only list of them.
 * May import the rest of core/api, and nothing of it is compiled or computed before it is used: every verb loads it.
 */
import type { Kind } from '../kind.ts';
import { SelfSubjectAccessReview } from './access-review.ts';
import { Binding } from './binding.ts';
import { ComponentStatus } from './component-status.ts';
import { ConfigMap } from './config-map.ts';
import { Endpoints } from './endpoints.ts';
import { Event } from './event.ts';
import { Lease } from './lease.ts';
import { LimitRange } from './limit-range.ts';
import { Namespace } from './namespace.ts';
import { Node } from './node.ts';
import { PersistentVolume } from './persistent-volume.ts';
import { PersistentVolumeClaim } from './persistent-volume-claim.ts';
import { Pod } from './pod.ts';
import { PodTemplate } from './pod-template.ts';
import { ReplicationController } from './replication-controller.ts';
import { ResourceQuota } from './resource-quota.ts';
import { SelfSubjectRulesReview } from './rules-review.ts';
import { Secret } from './secret.ts';
import { SelfSubjectReview } from './self-review.ts';
import { Service } from './service.ts';
import { ServiceAccount } from './service-account.ts';

/** In discovery's order. */
// biome-ignore lint/suspicious/noExplicitAny: kinds of all types in one list
export const kinds: readonly Kind<any>[] = [
  Pod,
  ReplicationController,
  Service,
  Endpoints,
  Node,
  Namespace,
  Event,
  Secret,
  ConfigMap,
  LimitRange,
  ResourceQuota,
  ServiceAccount,
  PersistentVolume,
  PersistentVolumeClaim,
  PodTemplate,
  ComponentStatus,
  Binding,
  SelfSubjectReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  Lease,
];

export {
  Binding,
  ComponentStatus,
  ConfigMap,
  Endpoints,
  Event,
  Lease,
  LimitRange,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodTemplate,
  ReplicationController,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
};

const byWord = new Map<string, Kind>();
for (const kind of kinds) {
  const { plural, singular, group } = kind;
  const withGroup = group ? [`${plural}.${group}`, `${singular}.${group}`] : [];
  for (const word of [plural, singular, kind.kind.toLowerCase(), ...kind.shortNames, ...withGroup]) {
    byWord.set(word, kind);
  }
}

/** Finds a kind by plural, singular, kind or short name, in any case, also as `leases.GROUP`; undefined when there is none. */
export function kindByWord(word: string): Kind | undefined {
  return byWord.get(word.toLowerCase());
}

/** Finds a kind by the apiVersion and kind of an object. */
export function kindOf(apiVersion: string, kind: string): Kind | undefined {
  return kinds.find((k) => k.kind === kind && k.apiVersion === apiVersion);
}
