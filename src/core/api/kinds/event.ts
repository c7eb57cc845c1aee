import { defineKind } from '../kind.ts';
import { Event as schema } from '../types/event.ts';

export const Event = defineKind<schema>({
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  categories: [],
  namespaced: true,
  schema,
  subresources: [],
  columns: [],
  example: {},
});
export type Event = schema;
