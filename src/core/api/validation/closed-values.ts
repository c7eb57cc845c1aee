/**
 * Fields with a closed set of values, checked for a whole object by its schema: every `oneOf` of the types. Walks only
 * where such fields are; the plan of that walk is made when a schema is first used.
 */
import type { AnySchema, StructSchema } from '../schema.ts';
import type { FieldError } from '../status.ts';
import { notSupported, required } from './errors.ts';

type Check = (value: unknown, field: string, errors: FieldError[]) => void;

/** An error for each field that holds none of its values. An optional field may also be empty. */
export function validateClosedValues(schema: StructSchema, object: object): FieldError[] {
  const errors: FieldError[] = [];
  structCheck(schema)?.(object, '', errors);
  return errors;
}

const structChecks = new WeakMap<StructSchema, Check | null>();

function structCheck(schema: StructSchema): Check | null {
  let check = structChecks.get(schema);
  if (check === undefined) {
    check = compileStruct(schema);
    structChecks.set(schema, check);
  }
  return check;
}

function compileStruct(schema: StructSchema): Check | null {
  const members: { name: string; check: Check }[] = [];
  for (const [name, field] of Object.entries(schema.fields)) {
    const check = compile(field.schema, field.always);
    if (check) members.push({ name, check });
  }
  if (members.length === 0) return null;
  return (value, field, errors) => {
    for (const { name, check } of members) {
      const member = (value as Record<string, unknown>)[name];
      if (member !== undefined && member !== null) check(member, field ? `${field}.${name}` : name, errors);
    }
  };
}

function compile(schema: AnySchema, always: boolean): Check | null {
  switch (schema.type) {
    case 'struct':
      return structCheck(schema);
    case 'list': {
      const check = compile(schema.items, false);
      return check && listCheck(check);
    }
    case 'string': {
      const { values } = schema;
      return values ? (value, field, errors) => checkValue(value, values, field, always, errors) : null;
    }
  }
  return null;
}

const listCheck =
  (check: Check): Check =>
  (value, field, errors) => {
    for (const [i, item] of (value as unknown[]).entries()) check(item, `${field}[${i}]`, errors);
  };

function checkValue(value: unknown, values: readonly string[], field: string, always: boolean, errors: FieldError[]) {
  if (values.includes(value as string)) return;
  if (value !== '') errors.push(notSupported(field, value, values));
  else if (always) errors.push(required(field));
}
