// Prints struct declarations for src/core/api/types from a field catalogue (one line per type, the form is described
// in the catalogue's head). A starting point for a new types file, which is then kept by hand:
//   node scripts/types-from-catalogue.mjs CATALOGUE [--known types.ts,…] core/v1.Pod core/v1.Service …
import { readFileSync } from 'node:fs';

const args = process.argv.slice(2);
const catalogue = args.shift();
const known = new Set();
if (args[0] === '--known') {
  args.shift();
  for (const file of args.shift().split(',')) {
    for (const m of readFileSync(file, 'utf8').matchAll(/^export const (\w+) =/gm)) known.add(m[1]);
  }
}
// String types whose constants are not the whole truth: users and controllers add their own.
const open =
  /ConditionType$|^(ResourceName|SecretType|FinalizerName|StorageMedium|Signal|StatusReason|CauseType|NodeAddressType|HostPathType)$/;

const structs = new Map();
const aliases = new Map();
for (const line of readFileSync(catalogue, 'utf8').split('\n')) {
  let m = /^(\S+\/v\S+?)\.(\w+)(?: \[(.*?)\])?: (.*)$/.exec(line);
  if (m) structs.set(`${m[1]}.${m[2]}`, { gv: m[1], name: m[2], flags: m[3] ?? '', fields: m[4].split('; ') });
  m = /^(\S+\/v\S+?)\.(\w+) = (.*)$/.exec(line);
  if (m) aliases.set(`${m[1]}.${m[2]}`, m[3]);
}

const done = new Set();
const out = [];

function resolve(gv, type) {
  const dotted = /^(core|meta)\.(\w+)$/.exec(type);
  return dotted ? `${dotted[1]}/v1.${dotted[2]}` : `${gv}.${type}`;
}

function schemaOf(gv, type) {
  if (type.startsWith('*')) return schemaOf(gv, type.slice(1));
  if (type === '[]byte') return 'bytes';
  if (type.startsWith('[]')) return `list(${schemaOf(gv, type.slice(2))})`;
  const m = /^map\[(.*?)\](.*)$/.exec(type);
  if (m) return `map(${schemaOf(gv, m[2])})`;
  const plain = {
    string: 'str',
    bool: 'bool',
    int32: 'int32',
    int64: 'int64',
    int: 'int32',
    uint32: 'int64',
    float64: 'double',
    'types.UID': 'str',
    'types.NodeName': 'str',
    'resource.Quantity': 'quantity',
    'intstr.IntOrString': 'intOrString',
    'runtime.RawExtension': 'any',
    'meta.Time': 'time',
    Time: 'time',
    'meta.MicroTime': 'microTime',
    MicroTime: 'microTime',
    FieldsV1: 'any',
    'meta.FieldsV1': 'any',
    byte: 'int32',
  }[type];
  if (plain) return plain;
  const full = resolve(gv, type);
  if (structs.has(full)) {
    emit(full);
    return full.split('.').pop();
  }
  const alias = aliases.get(full);
  if (!alias) throw new Error(`unknown type ${full}`);
  const e = /enum\((.*)\)/.exec(alias);
  if (e && !open.test(type))
    return `oneOf(${e[1]
      .split('|')
      .map((v) => `'${v}'`)
      .join(', ')})`;
  return schemaOf(full.slice(0, full.lastIndexOf('.')), alias.split(' ')[0]);
}

function marksOf(text) {
  if (!text) return '';
  const marks = [];
  const keys = [];
  for (const part of text.split(' ')) {
    const [k, v] = [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)];
    if (k === 'ps') marks.push(`patchStrategy: '${v}'`);
    else if (k === 'pk') marks.push(`patchMergeKey: '${v}'`);
    else if (k === 'lt') marks.push(`listType: '${v}'`);
    else if (k === 'lk') keys.push(`'${v}'`);
    else if (k === 'st') marks.push(`structType: '${v}'`);
    else if (k === 'mt') marks.push(`mapType: '${v}'`);
    else if (k === 'def') marks.push(`default: ${/^[\d"]|true|false/.test(v) ? v.replaceAll('"', "'") : `'${v}'`}`);
  }
  if (keys.length) marks.push(`listMapKeys: [${keys.join(', ')}]`);
  return marks.length ? `, { ${marks.join(', ')} }` : '';
}

function emit(full) {
  const t = structs.get(full);
  if (!t) throw new Error(`no struct ${full}`);
  if (done.has(full) || known.has(t.name)) return;
  done.add(full);
  const lines = [];
  for (const f of t.fields) {
    if (f.startsWith('?:')) continue; // words of a comment that the catalogue took for fields
    let m = /^~inline ([\w.]+)/.exec(f);
    if (m) {
      const inner = resolve(t.gv, m[1]);
      emit(inner);
      lines.push(`  ...${inner.split('.').pop()}.fields,`);
      continue;
    }
    m = /^(\w+)(\??):([^#{]+)(?:#(\d+))?(?:\{(.*)\})?$/.exec(f);
    if (!m) throw new Error(`${full}: cannot read field ${f}`);
    // Go's omitempty never leaves out a struct that is held by value.
    const byValue = structs.has(resolve(t.gv, m[3]));
    const call = m[2] === '?' && !byValue ? 'opt' : 'req';
    lines.push(`  ${m[1]}: ${call}(${m[4] ?? 0}, ${schemaOf(t.gv, m[3])}${marksOf(m[5])}),`);
  }
  const atomic = /atomic/.test(t.flags) ? ', { atomic: true }' : '';
  out.push(
    `export const ${t.name} = struct('${t.name}', {\n${lines.join('\n')}\n}${atomic});\nexport type ${t.name} = Static<typeof ${t.name}>;\n`,
  );
}

for (const name of args) emit(name);
console.log(out.join('\n'));
