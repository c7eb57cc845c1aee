/** The tree keeps itself tidy: nothing unused, nothing left open, no trace of the machine it was written on. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const root = process.cwd();

function* files(dir: string): Generator<string> {
  for (const entry of readdirSync(join(root, dir), { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (/\.(ts|mjs|js)$/.test(entry.name)) yield path;
  }
}

const texts = new Map<string, string>();
for (const dir of ['src', 'bin', 'scripts', 'test']) {
  for (const path of files(dir)) texts.set(path, readFileSync(join(root, path), 'utf8'));
}
const sources = [...texts].filter(([path]) => path.startsWith('src/'));

test('every source file is used by another one', () => {
  const entries = ['src/main.ts', 'src/index.ts'];
  const used = new Set(entries);
  for (const [path, text] of texts) {
    for (const m of text.matchAll(/'(\.{1,2}\/[^']+\.ts)'/g))
      used.add(relative(root, resolve(root, dirname(path), m[1]!)));
  }
  assert.deepEqual(
    sources.map(([path]) => path).filter((path) => !used.has(path)),
    [],
  );
});

test('every export is used outside its file', () => {
  const users = new Map<string, number>();
  for (const [, text] of texts) {
    for (const word of new Set(text.match(/\b[A-Za-z_]\w*\b/g))) users.set(word, (users.get(word) ?? 0) + 1);
  }
  const unused: string[] = [];
  for (const [path, text] of sources) {
    // Types declare what the API has, whether or not this program reads all of it; an exported signature's types may be named by users.
    if (path.startsWith('src/core/api/types/') || path === 'src/index.ts') continue;
    for (const m of text.matchAll(/^export (?:async )?(?:const|function\*?|class) (\w+)/gm)) {
      if ((users.get(m[1]!) ?? 0) < 2) unused.push(`${path}: ${m[1]}`);
    }
  }
  assert.deepEqual(unused, []);
});

test('nothing is left open, and no path of one machine is written down', () => {
  const wrong: string[] = [];
  // Put together here so that this file does not find itself.
  const marks = new RegExp(
    ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'not imple' + 'mented', '/wo' + 'rk/[a-z.]'].join('|'),
  );
  for (const [path, text] of texts) {
    for (const [i, line] of text.split('\n').entries())
      if (marks.test(line)) wrong.push(`${path}:${i + 1}: ${line.trim()}`);
  }
  assert.deepEqual(wrong, []);
});

test('no test sleeps, is skipped or singled out', () => {
  const wrong: string[] = [];
  const marks = new RegExp(
    ['\\.(sk' + 'ip|on' + 'ly|to' + 'do)\\(', 'sk' + 'ip: *true', 'setTimeout\\(\\w+, \\d{3,}\\)'].join('|'),
  );
  for (const [path, text] of texts) {
    if (!path.endsWith('.test.ts')) continue;
    for (const [i, line] of text.split('\n').entries())
      if (marks.test(line)) wrong.push(`${path}:${i + 1}: ${line.trim()}`);
  }
  assert.deepEqual(wrong, []);
});

test('every folder of the core says what it is', () => {
  const silent: string[] = [];
  for (const folder of readdirSync(join(root, 'src/core'))) {
    const path = join('src/core', folder);
    const heads = readdirSync(join(root, path)).filter((name) => name.endsWith('.ts'));
    const main = [`index.ts`, `${folder}.ts`, 'main.ts'].find((name) => heads.includes(name));
    const first = heads.map((name) => texts.get(join(path, name)) ?? '');
    if (main ? !/^\/\*\*/.test(texts.get(join(path, main)) ?? '') : !first.some((text) => /^\/\*\*/.test(text)))
      silent.push(path);
  }
  assert.deepEqual(silent, []);
});
