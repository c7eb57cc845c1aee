/** `-o custom-columns=NAME:.metadata.name,IMAGES:.spec.containers[*].image`. */
import { UsageError } from '../errors.ts';
import { writeColumns } from './columns.ts';
import { toText, valuesAt } from './jsonpath.ts';
import { type Path, parseRelaxedPath } from './jsonpath-parser.ts';

/** Reads the spec now, so that a wrong one fails before the server is asked. */
export function customColumnsPrinter(spec: string, noHeaders: boolean): (objects: readonly object[]) => string {
  const columns = splitColumns(spec).map((part): { header: string; path: Path } => {
    const colon = part.indexOf(':');
    if (colon <= 0 || colon === part.length - 1) {
      throw new UsageError(`custom-columns: "${part}" is not HEADER:.path, such as NAME:.metadata.name`);
    }
    return { header: part.slice(0, colon), path: parseRelaxedPath(part.slice(colon + 1)) };
  });
  return (objects) => {
    const rows = objects.map((object) => columns.map(({ path }) => cell(path, object)));
    return writeColumns(noHeaders ? rows : [columns.map((c) => c.header), ...rows]);
  };
}

/** At the commas outside of brackets. */
function splitColumns(spec: string): string[] {
  if (!spec) throw new UsageError('custom-columns: no columns given, such as custom-columns=NAME:.metadata.name');
  return spec.split(/,(?![^[]*\])/);
}

function cell(path: Path, object: object): string {
  const values = valuesAt(path, object).filter((value) => value !== null && value !== undefined);
  return values.length === 0 ? '<none>' : values.map(toText).join(',');
}
