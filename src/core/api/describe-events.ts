/** The events at the end of every `describe`. */
import { Description } from './describe.ts';
import { age } from './duration.ts';
import type { RelatedQuery } from './kind.ts';
import type { KubeObject, Stored } from './object.ts';
import type { Event } from './types/event.ts';

/** The query for the events about an object. Those about cluster-scoped objects lie in any namespace. */
export function eventsAbout(kind: string, { metadata }: Stored<KubeObject>): RelatedQuery {
  const terms = [`involvedObject.kind=${kind}`, `involvedObject.name=${metadata.name}`];
  if (!metadata.namespace) return { plural: 'events', allNamespaces: true, fieldSelector: terms.join(',') };
  terms.push(`involvedObject.namespace=${metadata.namespace}`, `involvedObject.uid=${metadata.uid}`);
  return { plural: 'events', fieldSelector: terms.join(',') };
}

/** Oldest first, repeated ones on one line. */
export function describeEvents(events: readonly Stored[], now: number): string {
  const text = new Description();
  if (!events.length) return text.line(0, 'Events:', '<none>').toString();
  text.line(0, 'Events:');
  text.line(1, 'Type', 'Reason', 'Age', 'From', 'Message');
  text.line(1, '----', '------', '----', '----', '-------');
  const sorted = (events as readonly Stored<Event>[]).toSorted((a, b) => lastSeen(a).localeCompare(lastSeen(b)));
  for (const event of sorted) {
    const source = [event.source.component || event.reportingComponent, event.source.host].filter(Boolean).join(', ');
    text.line(1, event.type || '<unset>', event.reason || '<unset>', seen(event, now), source, event.message ?? '');
  }
  return text.toString();
}

/** `5s`, or `5s (x3 over 2m)`. */
function seen(event: Stored<Event>, now: number): string {
  const last = age(lastSeen(event), now);
  const count = event.series?.count ?? event.count ?? 1;
  return count > 1 ? `${last} (x${count} over ${age(firstSeen(event), now)})` : last;
}

export function firstSeen(event: Stored<Event>): string {
  return event.firstTimestamp || event.eventTime || '';
}
export function lastSeen(event: Stored<Event>): string {
  return event.series?.lastObservedTime || event.lastTimestamp || firstSeen(event);
}
