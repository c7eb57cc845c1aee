#!/usr/bin/env node
// Runs dist/kubecfg.cjs through V8's code cache: compiling the bundle would cost every command more than its work.
// The cache lies beside the bundle, or below $XDG_CACHE_HOME where the installation is read-only. V8 itself rejects
// one that another version or another bundle has written; it is then written anew after the run, which has compiled
// just the functions that the command needed.
'use strict';
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const vm = require('node:vm');

const bundle = path.join(__dirname, '..', 'dist', 'kubecfg.cjs');

function readSource() {
  try {
    return fs.readFileSync(bundle, 'latin1');
  } catch {
    process.stderr.write(`kubecfg is not built: ${bundle} is missing, run 'npm run build'\n`);
    process.exit(1);
  }
}

function cacheFiles() {
  const home = process.env.XDG_CACHE_HOME || path.join(process.env.HOME || '/nonexistent', '.cache');
  return [`${bundle}.v8`, path.join(home, 'kubecfg', 'kubecfg.cjs.v8')];
}

/** The bundle compiled, with the first cache that V8 accepts. */
function compile(source) {
  for (const file of cacheFiles()) {
    let cachedData;
    try {
      cachedData = fs.readFileSync(file);
    } catch {
      continue;
    }
    const script = new vm.Script(source, { filename: bundle, cachedData });
    if (!script.cachedDataRejected) return script;
  }
  const script = new vm.Script(source, { filename: bundle });
  process.once('exit', () => writeCache(script.createCachedData()));
  return script;
}

/** Whole or not at all: another command may read it at this moment. */
function writeCache(data) {
  for (const file of cacheFiles()) {
    const temporary = `${file}.${process.pid}`;
    try {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(temporary, data);
      fs.renameSync(temporary, file);
      return;
    } catch {}
  }
}

const script = compile(Module.wrap(readSource()));
const bundled = new Module(bundle, module);
bundled.filename = bundle;
bundled.paths = module.paths;
script.runInThisContext()(bundled.exports, Module.createRequire(bundle), bundled, bundle, path.dirname(bundle));
bundled.exports.start(process.argv.slice(2), path.basename(process.argv[1] || 'kubecfg'));
