/** Field selectors of the older versions in terms of v1. */
import { badRequest } from '../status.ts';
import { same } from './pair.ts';
import type { OldField, OldResource } from './resources.ts';
import { isInline, type OlderVersion } from './version.ts';

/** `DesiredState.Host=core-01,name!=x` becomes `spec.nodeName=core-01,metadata.name!=x`. */
export function fieldSelectorOf(version: OlderVersion, resource: OldResource, text: string): string {
  const inline = isInline(version);
  const fields: Readonly<Record<string, OldField>> = {
    [inline ? 'name' : 'metadata.name']: 'metadata.name',
    ...(inline ? resource.inlineFields : resource.fields),
  };
  const terms = text.match(/(?:\\.|[^\\,])+/gs) ?? [];
  return terms.map((term) => convert(term, fields)).join(',');
}

function convert(term: string, fields: Readonly<Record<string, OldField>>): string {
  const match = /^([^=!]*)(!=|==?)(.*)$/s.exec(term);
  // What is no term at all is for the parser of v1 to name.
  if (!match) return term;
  const [, field = '', operator, value] = match;
  const known = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (!known) throw badRequest(`field label not supported: ${field}`);
  const [path, values] = typeof known === 'string' ? [known, same] : known;
  return `${path}${operator}${values.decode(value)}`;
}
