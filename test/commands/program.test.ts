/** The program around its verbs: help, programs we are linked as, config, completion, and the table of all flags. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { verbs } from '../../src/commands/index.ts';
import { loadAll } from '../../src/core/cli/help.ts';
import { flagsOf } from '../../src/core/cli/verb-table.ts';
import { runCli } from '../helpers/cli.ts';
import { assertGolden } from '../helpers/golden.ts';

const run = (line: string, options = {}) => runCli(line.split(' ').filter(Boolean), options);

test('verbs and flags are those of the golden file', async () => {
  const lines: string[] = [];
  for (const [verb, Verb] of await loadAll(verbs)) {
    lines.push(`${verb} ${Verb.usage ?? ''}`.trim());
    const flags = Object.entries(flagsOf(Verb)).filter(([, flag]) => flag.helpGroup !== 'GLOBAL');
    for (const [name, flag] of flags) {
      const value = flag.type === 'option' ? `=${flag.options?.join('|') ?? flag.helpValue ?? 'VALUE'}` : '';
      const spellings = [
        flag.char && `-${flag.char}`,
        `--${name}${value}`,
        ...(flag.aliases ?? []).map((a) => `--${a}`),
      ];
      lines.push(
        `  ${spellings.filter(Boolean).join(' ')}${flag.type === 'option' && flag.multiple ? ' (several)' : ''}${flag.required ? ' (required)' : ''}`,
      );
    }
  }
  assertGolden('cli/verbs.txt', `${lines.join('\n')}\n`);
});

test('the root help page is that of the golden file', async () => {
  const { code, stdout } = await run('');
  assert.equal(code, 0);
  assertGolden('cli/help.txt', stdout);
  for (const line of ['help', '--help', '-h']) assert.equal((await run(line)).stdout, stdout, line);
});

for (const [verb, Verb] of await loadAll(verbs)) {
  if (Verb.hidden) continue;
  test(`${verb} --help has usage, examples and exit codes`, async () => {
    const { code, stdout, stderr } = await run(`${verb} --help`);
    assert.deepEqual([code, stderr], [0, '']);
    assert.ok(stdout.startsWith(`${Verb.summary}\n\nUSAGE\n  $ kubecfg ${verb}`), stdout);
    assert.match(stdout, /\nEXAMPLES\n/);
    assert.match(
      stdout,
      /\nEXIT CODES\n {2}0 done · 1 failed · 2 wrong command line · 124 timed out · 130 interrupted\n$/,
    );
    assert.equal((await run(`help ${verb}`)).stdout, stdout);
  });
}

test('topics list their verbs', async () => {
  assert.match(
    (await run('config')).stdout,
    /^USAGE\n {2}kubecfg config COMMAND\n\nCOMMANDS\n {2}config current-context {2}/,
  );
  assert.match((await run('config viwe')).stderr, /unknown command "config viwe" \(did you mean "config view"\?\)/);
});

test('linked as fleetctl or hyperkube it takes their command lines, and says what is not there yet', async () => {
  const fleet = await run('list-units', { program: 'fleetctl' });
  assert.deepEqual(fleet, {
    code: 1,
    stdout: '',
    stderr: 'error: fleetctl list-units is not in this release\nThere is: fleetctl list-machines.\n',
  });
  const hyperkube = await run('apiserver --portal_net=10.0.0.0/16', { program: 'hyperkube' });
  assert.equal(hyperkube.code, 1);
  assert.equal((await run('hyperkube apiserver')).stderr, hyperkube.stderr);
  assert.match(hyperkube.stderr, /^error: hyperkube apiserver: .* not in this release\n'kubecfg daemon --roles /);
});

test('config shows, names and switches contexts, and keeps secrets', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'config-'));
  const file = join(dir, 'config');
  writeFileSync(
    file,
    'contexts:\n- {name: a, context: {cluster: a, user: u}}\n- {name: b, context: {cluster: a, namespace: team}}\ncurrent-context: a\nusers:\n- {name: u, user: {token: hush}}\n',
  );
  const env = { KUBECONFIG: file };
  const config = (line: string) => run(`config ${line}`, { env });
  assert.equal((await config('current-context')).stdout, 'a\n');
  assert.equal((await config('get-contexts')).stdout.split('\n')[1], '*         a      a         u          ');
  assert.deepEqual(await config('use-context b'), { code: 0, stdout: 'Switched to context "b".\n', stderr: '' });
  assert.equal((await config('current-context')).stdout, 'b\n');
  assert.match((await config('use-context c')).stderr, /no context exists with the name "c"\nThe contexts are: a, b\./);
  assert.match((await config('view')).stdout, /token: REDACTED/);
  assert.match((await config('view --raw')).stdout, /token: hush/);
  assert.equal((await run('config current-context', { env: { KUBECONFIG: join(dir, 'nosuch') } })).code, 1);
  rmSync(dir, { recursive: true });
});

test('completion prints a script for each shell', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await run(`completion ${shell}`);
    assert.equal(code, 0);
    assert.match(stdout, /kubecfg __complete -- /);
  }
  assert.equal((await run('completion tcsh')).code, 2);
  assert.equal((await run('completion')).code, 2);
});

test('a server that does not answer is named', async () => {
  const { code, stderr } = await run('get pods -s 127.0.0.1:1');
  assert.equal(code, 1);
  assert.equal(
    stderr,
    "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n'kubecfg up' starts a local cluster.\n",
  );
});

test('-v 6 names each request, -v 8 shows the stack of an error', async () => {
  const { stderr } = await run('get pods -s 127.0.0.1:1 -v 8');
  assert.match(stderr, /^\S+Z list default\/pods \{"as":"Table"\}\n/);
  assert.match(stderr, /\n {4}at /);
});
