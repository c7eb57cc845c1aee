/** One sentence per struct and field, in our words. They stand apart from the types: only OpenAPI and explain load them. */
import { containerDocs } from './container.ts';
import type { Docs } from './docs.ts';
import { metaDocs } from './meta.ts';
import { nodeDocs } from './node.ts';
import { objectDocs } from './objects.ts';
import { podDocs } from './pod.ts';
import { reviewDocs } from './review.ts';
import { schedulingDocs } from './scheduling.ts';
import { serviceDocs } from './service.ts';
import { storageDocs } from './storage.ts';
import { volumeDocs } from './volume.ts';

const docs: Docs = {
  ...metaDocs,
  ...containerDocs,
  ...nodeDocs,
  ...objectDocs,
  ...podDocs,
  ...reviewDocs,
  ...schedulingDocs,
  ...serviceDocs,
  ...storageDocs,
  ...volumeDocs,
};

/** What means the same wherever it stands. */
const common: Readonly<Record<string, string>> = {
  kind: 'The kind of this object, such as Pod.',
  apiVersion: 'The version of the API this object is written in, such as v1.',
  metadata: 'What every object carries: its name, its labels and what the server notes about it.',
  items: 'The objects of the list.',
};

const textOf = (struct: string, field: string) => (Object.hasOwn(docs, struct) ? docs[struct]![field] : undefined);

/** '' when nobody wrote one; a test sees to it that somebody did. */
export const structDoc = (struct: string): string => textOf(struct, '') ?? '';
export const fieldDoc = (struct: string, field: string): string => textOf(struct, field) ?? common[field] ?? '';
export const listDoc = (plural: string): string => `A list of ${plural}, as they were at one moment.`;
