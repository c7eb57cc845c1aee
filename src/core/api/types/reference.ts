/** References from one object to another. */
import { opt, ptr, quantity, req, type Static, str, struct } from '../schema.ts';

export const ObjectReference = struct(
  'ObjectReference',
  {
    kind: opt(1, str),
    namespace: opt(2, str),
    name: opt(3, str),
    uid: opt(4, str),
    apiVersion: opt(5, str),
    resourceVersion: opt(6, str),
    fieldPath: opt(7, str),
  },
  { atomic: true },
);
export type ObjectReference = Static<typeof ObjectReference>;

export const LocalObjectReference = struct(
  'LocalObjectReference',
  {
    name: opt(1, str, { default: '' }),
  },
  { atomic: true },
);
export type LocalObjectReference = Static<typeof LocalObjectReference>;

export const SecretReference = struct(
  'SecretReference',
  {
    name: opt(1, str),
    namespace: opt(2, str),
  },
  { atomic: true },
);
export type SecretReference = Static<typeof SecretReference>;

export const TypedLocalObjectReference = struct(
  'TypedLocalObjectReference',
  {
    apiGroup: ptr(1, str),
    kind: req(2, str),
    name: req(3, str),
  },
  { atomic: true },
);
export type TypedLocalObjectReference = Static<typeof TypedLocalObjectReference>;

export const TypedObjectReference = struct('TypedObjectReference', {
  apiGroup: ptr(1, str),
  kind: req(2, str),
  name: req(3, str),
  namespace: ptr(4, str),
});
export type TypedObjectReference = Static<typeof TypedObjectReference>;

export const ObjectFieldSelector = struct(
  'ObjectFieldSelector',
  {
    apiVersion: opt(1, str),
    fieldPath: req(2, str),
  },
  { atomic: true },
);
export type ObjectFieldSelector = Static<typeof ObjectFieldSelector>;

export const ResourceFieldSelector = struct(
  'ResourceFieldSelector',
  {
    containerName: opt(1, str),
    resource: req(2, str),
    divisor: opt(3, quantity),
  },
  { atomic: true },
);
export type ResourceFieldSelector = Static<typeof ResourceFieldSelector>;
