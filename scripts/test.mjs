// Runs the tests: `node scripts/test.mjs unit` needs no Docker and takes seconds, `all` runs everything.
// Type-checks and lints first, compiles once with tsc, then hands the compiled files to node's own test runner.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const mode = process.argv[2] ?? 'unit';
const only = process.argv[3];

// Unit tests first: what is broken there need not be waited for.
const suites = {
  unit: ['.', 'core', 'commands', 'regression', 'torture'],
  integration: ['integration'],
  e2e: ['e2e'],
};
const chosen = mode === 'all' ? ['unit', 'integration', 'e2e'] : [mode];
if (!chosen.every((name) => name in suites)) {
  console.error(`unknown suite ${mode}: use one of ${Object.keys(suites).join(', ')}, all`);
  process.exit(2);
}

function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) process.exit(status ?? 1);
}

function* testFiles(dir, deep) {
  if (!existsSync(dir)) return;
  for (const entry of readdirSync(dir, { withFileTypes: true }).sort((a, b) => a.name.localeCompare(b.name))) {
    const path = join(dir, entry.name);
    if (entry.isDirectory() && deep) yield* testFiles(path, true);
    else if (entry.name.endsWith('.test.js')) yield path;
  }
}

rmSync('build/test', { recursive: true, force: true });
rmSync('build/.tsbuildinfo', { force: true });
run('node_modules/.bin/tsc', []);
run('node_modules/.bin/biome', ['check', '--error-on-warnings', '.']);

// Node reads this bundle eagerly in every process, 34 ms each; tests start many.
const env = { NODE_EXTRA_CA_CERTS: '' };
for (const name of chosen) {
  const files = suites[name]
    .flatMap((dir) => [...testFiles(join('build/test', dir), dir !== '.')])
    .filter((file) => !only || file.includes(only));
  if (files.length === 0) continue;
  console.log(`# ${name}: ${files.length} files`);
  // End-to-end tests share one engine and the machine's network: one file at a time.
  const concurrency = name === 'e2e' ? 1 : 2;
  run(process.execPath, ['--test', `--test-concurrency=${concurrency}`, '--test-reporter=spec', ...files], env);
}
