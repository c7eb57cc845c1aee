/**
 * config.rb of coreos-vagrant. It is a program; of it only assignments of literals to globals at the top level are read.
 * Whatever else it does is listed by line, and never run.
 */
import type { Finding } from '../cloud-config/findings.ts';
import type { Setting } from '../cloud-config/read.ts';
import { type Literal, readLiteral } from './literal.ts';

export interface VagrantConfig {
  numInstances?: number;
  instanceNamePrefix?: string;
  /** What is wrong. */
  findings: Finding[];
  /** What is read by Vagrant and not by us, or is code; in the order of the file. */
  left: Setting[];
}

/** Read by coreos-vagrant of any year; local machines have no box, no memory of their own and no forwarded ports. */
const known: Readonly<Record<string, 'integer' | 'string' | 'boolean' | 'any'>> = {
  $num_instances: 'integer',
  $instance_name_prefix: 'string',
  $update_channel: 'string',
  $image_version: 'string',
  $enable_serial_logging: 'boolean',
  $share_home: 'boolean',
  $vm_gui: 'boolean',
  $vm_memory: 'integer',
  $vm_cpus: 'integer',
  $vb_gui: 'boolean',
  $vb_memory: 'integer',
  $vb_cpus: 'integer',
  $vb_cpuexecutioncap: 'integer',
  $shared_folders: 'any',
  $forwarded_ports: 'any',
  $expose_docker_tcp: 'any',
  $new_discovery_url: 'string',
};

export function parseConfigRb(text: string): VagrantConfig {
  const globals = new Map<string, Literal>();
  const findings: Finding[] = [];
  const left: Setting[] = [];
  for (const { line, statement, isCode } of statementsOf(text)) {
    const [head = '', name = ''] = /^(\$\w+)\s*=(?![=~>])/.exec(statement) ?? [];
    if (isCode || !name) {
      left.push({ key: `the code from line ${line} on`, line });
      continue;
    }
    const read = readLiteral(statement, head.length, globals);
    const isWhole = read && /^\s*;?\s*(#.*)?$/.test(statement.slice(read.end));
    const problem = isWhole ? problemOf(name, read.value) : 'is not a literal; code is not run';
    if (problem) findings.push({ line, kind: 'error', key: name, message: problem });
    else globals.set(name, read!.value);
    if (!applied.has(name)) left.push({ key: name, line });
  }
  const [instances, prefix] = [globals.get('$num_instances'), globals.get('$instance_name_prefix')];
  return {
    ...(instances !== undefined && { numInstances: instances as number }),
    ...(prefix !== undefined && { instanceNamePrefix: prefix as string }),
    findings,
    left,
  };
}

const applied = new Set(['$num_instances', '$instance_name_prefix']);

function problemOf(name: string, value: Literal): string | undefined {
  const wanted = Object.hasOwn(known, name) ? known[name] : 'any';
  if (wanted === 'any') return undefined;
  const actual = Number.isInteger(value) ? 'integer' : typeof value;
  if (actual !== wanted) return `must be ${wanted === 'integer' ? 'an' : 'a'} ${wanted}, not ${JSON.stringify(value)}`;
  if (name === '$num_instances' && (value as number) < 1) return `must be at least 1, not ${value}`;
  if (name === '$instance_name_prefix' && !/^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$/.test(value as string))
    return `must be of a-z, 0-9 and -, begin with a letter and end with no -, not ${JSON.stringify(value)}`;
  return undefined;
}

interface Statement {
  line: number;
  /** An assignment may go over several lines. */
  statement: string;
  isCode: boolean;
}

/** Assignments at the top level one by one; whatever is between them together. Comments are left out. */
function* statementsOf(text: string): Generator<Statement> {
  const lines = text.split(/\r?\n/);
  let depth = 0;
  let wasCode = false;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (/^\s*(#.*)?$/.test(line)) continue;
    if (depth === 0 && /^\$\w+\s*=(?![=~>])/.test(line)) {
      const last = lastLine(lines, i);
      yield { line: i + 1, statement: lines.slice(i, last + 1).join('\n'), isCode: false };
      i = last;
      wasCode = false;
      continue;
    }
    if (!wasCode) yield { line: i + 1, statement: line, isCode: true };
    wasCode = true;
    if (blockStart.test(line) && !/\bend\s*$/.test(line)) depth++;
    if (/^\s*end\b/.test(line)) depth = Math.max(0, depth - 1);
  }
}

const blockStart = /^\s*(if|unless|case|begin|while|until|for|def|class|module)\b|\bdo(\s*\|[^|]*\|)?\s*$/;

/** Of an assignment: where its brackets are closed, as far as that can be told without Ruby. */
function lastLine(lines: readonly string[], first: number): number {
  let open = 0;
  for (let i = first; i < lines.length; i++) {
    const plain = lines[i]!.replaceAll(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'|#(?!\{).*$/g, '');
    for (const char of plain) open += '[{('.includes(char) ? 1 : ']})'.includes(char) ? -1 : 0;
    if (open <= 0) return i;
  }
  return first;
}
