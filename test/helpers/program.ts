/** The built program in a folder of its own: its data, its kubeconfig, and a name that no other test uses. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export class Program {
  readonly folder = mkdtempSync(join(tmpdir(), 'kubecfg-test-'));
  readonly dataDir = join(this.folder, 'data');
  readonly kubeconfig = join(this.folder, 'kubeconfig');
  readonly name = `test-${randomBytes(3).toString('hex')}`;
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv = {}) {
    this.#env = { ...process.env, HOME: this.folder, KUBECONFIG: this.kubeconfig, NODE_EXTRA_CA_CERTS: '', ...env };
  }

  /** The flags that name this test's cluster. */
  get local(): string[] {
    return ['--data-dir', this.dataDir, '--name', this.name];
  }

  run(args: readonly string[], stdin = '', more: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ['bin/kubecfg.js', ...args], { env: { ...this.#env, ...more } });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
      child.stdin.end(stdin);
    });
  }

  /** Runs and answers stdout; a code other than 0 is an error that shows everything. */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    if (code !== 0)
      throw new Error(`kubecfg ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}${this.daemonLog()}`);
    return stdout;
  }

  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.ok(...args, '-o', 'json')) as T;
  }

  daemonLog(): string {
    try {
      return `--- daemon.log\n${readFileSync(join(this.dataDir, 'daemon.log'), 'utf8').split('\n').slice(-30).join('\n')}`;
    } catch {
      return '';
    }
  }

  /** Removes the cluster, whatever state it is in, and the folder. */
  async remove(): Promise<void> {
    await this.run(['destroy', ...this.local]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One call of the Docker engine's API, for what tests do behind kubecfg's back. */
export function docker<T>(method: string, path: string, socketPath = '/var/run/docker.sock'): Promise<T> {
  return new Promise((resolve, reject) => {
    const req = request({ socketPath, method, path }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      res.on('end', () => {
        if ((res.statusCode ?? 500) >= 400) reject(new Error(`${method} ${path}: ${res.statusCode} ${text}`));
        else resolve((text ? JSON.parse(text) : undefined) as T);
      });
    });
    req.on('error', reject);
    req.end();
  });
}

export interface DockerContainer {
  Id: string;
  Names: string[];
  State: string;
  Labels: Record<string, string>;
}

/** The containers of a cluster as Docker lists them, sandboxes too. */
export function containersOf(cluster: string, socketPath?: string): Promise<DockerContainer[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`kubecfg.cluster=${cluster}`] }));
  return docker('GET', `/containers/json?all=1&filters=${filters}`, socketPath);
}
