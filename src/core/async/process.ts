/** Runs one of the host's programs to its end. */
import { spawn } from 'node:child_process';

/** The program ended with a non-zero code, or could not be started (code 127). */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';
  readonly code: number;
  constructor(command: string, code: number, output: string) {
    super(`${command}: ${output.trim() || `exit code ${code}`}`);
    this.code = code;
  }
}

/** Standard output as text; rejects with a ProcessError that carries what the program said on standard error. */
export function runProcess(command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    // Administration tools live in sbin, which an ordinary user's PATH leaves out.
    const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' };
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.on('error', (e) => reject(new ProcessError(command, 127, e.message)));
    child.on('close', (code) => (code === 0 ? resolve(out) : reject(new ProcessError(command, code ?? 1, err || out))));
    // A program that ends without reading its input closes the pipe; its exit code tells what matters.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
