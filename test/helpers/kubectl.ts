/**
 * Sessions of Debian's kubectl 1.20: tables of calls whose transcripts are golden files. `scripts/setup.sh` unpacks the
 * program below build/; it is never installed.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { waitFor } from './wait.ts';

const program = resolve(process.env['KUBECFG_ROOT'] ?? '.', 'build/kubernetes-client/usr/bin/kubectl');

export interface Call {
  /** As typed into a shell, after `kubectl`; single quotes keep words together. */
  argv: string;
  stdin?: string;
  env?: Record<string, string>;
  /** The exit code, 0 unless given. */
  code?: number;
  /** The call is repeated until stdout looks like this: what it shows comes about by itself. */
  until?: RegExp;
  /** The call watches: these are made once its watch stands, and it is ended when stdout looks like `until`. */
  meanwhile?: readonly string[];
}
/** A text is a call that has to succeed. */
export type Session = readonly (string | Call)[];

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export class Kubectl {
  readonly folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
  readonly #server: string;
  readonly #env = {
    PATH: process.env['PATH'],
    HOME: this.folder,
    TMPDIR: this.folder,
    TZ: 'UTC',
    // Without colours.
    TERM: 'dumb',
  };

  constructor(server: string) {
    this.#server = server;
  }

  /** Plays a session in a namespace of its own; answers its transcript. */
  async play(name: string, session: Session): Promise<string> {
    const namespace = await this.#namespace(name);
    const parts: string[] = [];
    for (const entry of session) {
      const call = typeof entry === 'string' ? { argv: entry } : entry;
      const outcome = await this.#call(namespace, call);
      const text = transcript(call, outcome);
      assert.equal(outcome.code, call.code ?? 0, text);
      parts.push(text);
    }
    return this.#normalised(parts.join('\n'));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Makes the namespace, and a kubeconfig that works in it; answers the file. */
  async #namespace(name: string): Promise<string> {
    const kubeconfig = join(this.folder, `${name}.kubeconfig`);
    writeFileSync(kubeconfig, kubeconfigFor(this.#server, name));
    const { code, stderr } = await this.#run(kubeconfig, { argv: `create namespace ${name}` }, () => false);
    assert.equal(code, 0, stderr);
    return kubeconfig;
  }

  async #call(kubeconfig: string, call: Call): Promise<Outcome> {
    const { until, meanwhile } = call;
    if (meanwhile) return this.#watch(kubeconfig, { ...call, meanwhile });
    const look = () => this.#run(kubeconfig, call, () => false);
    return until ? waitFor(look, { until: ({ stdout }) => until.test(stdout), withinMs: 15_000 }) : look();
  }

  async #watch(kubeconfig: string, call: Call & { meanwhile: readonly string[] }): Promise<Outcome> {
    let changes: Promise<void> | undefined;
    const change = async () => {
      for (const argv of call.meanwhile) await this.#run(kubeconfig, { argv }, () => false);
    };
    // kubectl tells of the answers it gets with -v=6; those lines are not part of the transcript.
    const watching = { ...call, argv: `${call.argv} -v=6` };
    const outcome = await this.#run(kubeconfig, watching, ({ stdout, stderr }) => {
      if (/watch=true.* 200 OK/.test(stderr)) changes ??= change();
      return call.until?.test(stdout) ?? false;
    });
    await changes;
    return { ...outcome, stderr: outcome.stderr.replace(/^[IWE]\d{4} .*\n/gm, '') };
  }

  /** Runs to the end, or until `isEnough`. Its stdin is a file, so that a flag can name it as one. */
  #run(kubeconfig: string, { argv, stdin = '', env }: Call, isEnough: (outcome: Outcome) => boolean): Promise<Outcome> {
    const input = join(this.folder, 'stdin');
    writeFileSync(input, stdin);
    const file = openSync(input, 'r');
    const child = spawn(program, wordsOf(argv), {
      cwd: this.folder,
      env: { ...this.#env, KUBECONFIG: kubeconfig, ...env },
      stdio: [file, 'pipe', 'pipe'],
    });
    closeSync(file);
    return new Promise((done, reject) => {
      const outcome = { code: 0, stdout: '', stderr: '' };
      let isEnded = false;
      const gather = (stream: 'stdout' | 'stderr') => (text: string) => {
        outcome[stream] += text;
        if (isEnded || !isEnough(outcome)) return;
        isEnded = true;
        child.kill();
      };
      child.stdout?.setEncoding('utf8').on('data', gather('stdout'));
      child.stderr?.setEncoding('utf8').on('data', gather('stderr'));
      child.on('error', reject);
      child.on('close', (code) => done({ ...outcome, code: isEnded ? 0 : (code ?? -1) }));
    });
  }

  /** Without what is different each time: addresses, names the server makes, times and ages. */
  #normalised(text: string): string {
    const here = text.replaceAll(this.#server, 'http://server').replaceAll(this.folder, '/folder');
    const named = replacements.reduce((so, [pattern, by]) => so.replace(pattern, by), here);
    // The blanks of its column go with an age, so that the column stays as wide as it is.
    return named.replace(/(?<=\s)\d{1,2}s( *)(?=\s|$)/gm, (age, blanks: string) =>
      blanks ? '1s'.padEnd(age.length) : '1s',
    );
  }
}

const replacements: readonly (readonly [pattern: RegExp, by: string])[] = [
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UID'],
  [/("?resourceVersion"?: ?)"\d+"/g, '$1"RV"'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000)/g, 'TIME'],
  [/\b\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000/g, 'TIME'],
  [/\b(store|a|b|c)-[a-z0-9]{5}\b/g, '$1-xxxxx'],
  [/\btest-[0-9a-f]{6}\b/g, 'CLUSTER'],
  [/\bhollow:\/\/[0-9a-f]{64}\b/g, 'hollow://ID'],
  [/((?:Machine ID|System UUID): +)[0-9a-f]{32}/g, '$1ID'],
  [/((?:Kernel Version|InternalDNS): +)\S+/g, '$1HOST'],
  [/\b(LIVE|MERGED)-\d+/g, '$1'],
];

/** What the session wrote and read, as a terminal shows it; what went to stderr comes last, with a mark. */
function transcript({ argv, stdin, env = {}, code = 0 }: Call, { stdout, stderr }: Outcome): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}='${value}' `);
  const input = stdin === undefined ? '' : ` <<EOF\n${stdin.trimEnd()}\nEOF`;
  const marked = stderr.replace(/^(?=.)/gm, '! ');
  const exit = code === 0 ? '' : `exit code ${code}\n`;
  const output = [stdout, marked].map((part) => part + ensureNewline(part)).join('');
  return `$ ${variables.join('')}kubectl ${argv}${input}\n${output}${exit}`;
}

const ensureNewline = (text: string) => (text === '' || text.endsWith('\n') ? '' : '\n');

const wordsOf = (argv: string) => (argv.match(/(?:[^\s']|'[^']*')+/g) ?? []).map((word) => word.replaceAll("'", ''));

const kubeconfigFor = (server: string, namespace: string) => `apiVersion: v1
kind: Config
clusters:
- name: kubecfg
  cluster: {server: "${server}"}
contexts:
- name: kubecfg
  context: {cluster: kubecfg, namespace: ${namespace}}
current-context: kubecfg
`;
