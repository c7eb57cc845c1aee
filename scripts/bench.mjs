// Runs the benchmarks of test/bench, or those whose names are given: `npm run bench -- store apiserver`.
// Each prints its figures beside a yardstick measured in the same run.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const wanted = process.argv.slice(2);
const names = readdirSync('test/bench')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}: there are ${names.join(', ')}`);
  process.exit(2);
}
const env = { ...process.env, NODE_EXTRA_CA_CERTS: '' };
for (const name of wanted.length > 0 ? wanted : names) {
  console.log(`\n# ${name}`);
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', `test/bench/${name}.ts`], {
    stdio: 'inherit',
    env,
  });
  if (status !== 0) process.exit(status ?? 1);
}
