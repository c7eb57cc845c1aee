/** Events: what a component saw or did. */
import { int32, microTime, opt, req, type Static, str, struct, time } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';
import { ObjectReference } from './reference.ts';

export const EventSource = struct('EventSource', {
  component: opt(1, str),
  host: opt(2, str),
});
export type EventSource = Static<typeof EventSource>;

export const EventSeries = struct('EventSeries', {
  count: opt(1, int32),
  lastObservedTime: req(2, microTime),
});
export type EventSeries = Static<typeof EventSeries>;

export const Event = struct('Event', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  involvedObject: req(2, ObjectReference),
  reason: opt(3, str),
  message: opt(4, str),
  source: req(5, EventSource),
  firstTimestamp: req(6, time),
  lastTimestamp: req(7, time),
  count: opt(8, int32),
  type: opt(9, str),
  eventTime: req(10, microTime),
  series: opt(11, EventSeries),
  action: opt(12, str),
  related: opt(13, ObjectReference),
  reportingComponent: opt(14, str),
  reportingInstance: opt(15, str),
});
export type Event = Static<typeof Event>;
