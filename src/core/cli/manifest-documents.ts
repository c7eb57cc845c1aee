/** Text becomes documents: parsed values that still know their lines. */
import { isMap, isNode, isScalar, LineCounter, parseAllDocuments, type Document as YamlDocument } from 'yaml';
import { CliError } from './errors.ts';

export interface Document {
  /** The file, with the document's number when it holds several. */
  name: string;
  value: unknown;
  /** `file:line` of a field such as `spec.containers[0].image`, or of the nearest part of it that is there. */
  at: (field: string) => string;
  /** An item of a list, whose fields lie below `path`. */
  part(value: unknown, path: string): Document;
}

export function parseDocuments(file: string, text: string): Document[] {
  if (/^\s*[{[]/.test(text)) {
    try {
      const value = JSON.parse(text) as unknown;
      // Only a message about a field needs its line, so only then is the text read again.
      return [document(file, value, (path) => parseYaml(file, text)[0]!.locate(path))];
    } catch {
      // YAML's parser reads JSON too, forgives trailing commas (the handbook's examples have them), and names the line.
    }
  }
  return parseYaml(file, text)
    .filter(({ value }) => value !== null && value !== undefined)
    .map(({ name, value, locate }) => document(name, value, locate));
}

interface Parsed {
  name: string;
  /** Nothing for the empty document that `---` before the first or after the last leaves. */
  value: unknown;
  locate: Locate;
}
type Locate = (path: (string | number)[]) => string;

function parseYaml(file: string, text: string): Parsed[] {
  const counter = new LineCounter();
  const lineAt = (offset: number) => counter.linePos(offset).line;
  const parsed = parseAllDocuments(text, {
    // kubectl reads YAML 1.1: `on` is true, 0777 is octal. Its dates stay text, for the API has no other.
    version: '1.1',
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !tag.tag.endsWith(':timestamp')),
    lineCounter: counter,
    prettyErrors: false,
  });
  const documents = [...parsed];
  const several = documents.length > 1;
  return documents.map((doc, i) => {
    const suffix = several ? ` (document ${i + 1})` : '';
    const [error] = doc.errors;
    if (error) {
      throw new CliError(
        `${file}:${lineAt(error.pos[0])}${suffix}: not valid YAML: ${error.message.split(' at line ')[0]}`,
      );
    }
    return {
      name: several ? `${file} document ${i + 1}` : file,
      value: doc.toJS(),
      locate: (path) => `${file}:${lineOf(doc, path, lineAt)}${suffix}`,
    };
  });
}

/** The line of the deepest part of the path that the document has. */
function lineOf(doc: YamlDocument, path: (string | number)[], lineAt: (offset: number) => number): number {
  for (let length = path.length; length > 0; length--) {
    const parent = doc.getIn(path.slice(0, length - 1), true);
    const pair = isMap(parent) && parent.items.find(({ key }) => isScalar(key) && key.value === path[length - 1]);
    const node = pair ? pair.key : doc.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lineAt(node.range[0]);
  }
  return lineAt(isNode(doc.contents) && doc.contents.range ? doc.contents.range[0] : 0);
}

function document(name: string, value: unknown, locate: Locate, prefix = ''): Document {
  return {
    name,
    value,
    at: (field) => locate(splitField([prefix, field].filter(Boolean).join('.'))),
    part: (item, path) => document(name, item, locate, [prefix, path].filter(Boolean).join('.')),
  };
}

/** `spec.containers[0].env[1].name`, as the server names fields. */
function splitField(field: string): (string | number)[] {
  const parts = field.match(/[^.[\]]+|\[[^\]]*\]/g) ?? [];
  return parts.map((part) => {
    const inner = part.startsWith('[') ? part.slice(1, -1) : part;
    return part.startsWith('[') && /^\d+$/.test(inner) ? Number(inner) : inner;
  });
}
