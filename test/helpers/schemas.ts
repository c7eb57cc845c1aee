import type { AnySchema, StructSchema } from '../../src/core/api/schema.ts';

/** All structs that an object of `schema` can hold, itself among them. */
export function structsIn(schema: AnySchema, found = new Set<StructSchema>()): Set<StructSchema> {
  if (schema.type === 'list') structsIn(schema.items, found);
  else if (schema.type === 'map') structsIn(schema.values, found);
  else if (schema.type === 'struct' && !found.has(schema)) {
    found.add(schema);
    for (const field of Object.values(schema.fields)) structsIn(field.schema, found);
  }
  return found;
}
