#!/usr/bin/env node
// Runs dist/kubecfg.cjs through V8's code cache: compiling the bundle would cost every command more than its work.
// The cache lies beside the bundle, or below $XDG_CACHE_HOME where the installation is read-only. It begins with the
// first line of its bundle, which is unlike that of any other build, for V8 compares no more than lengths; what another
// version of V8 has made, V8 rejects. A missing cache is written after the run, which has compiled just the functions
// that a command needs.
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

/** The bundle compiled, with the first cache that fits. */
function compile(source) {
  const stamp = Buffer.from(source.slice(0, source.indexOf('\n') + 1), 'latin1');
  const wrapped = Module.wrap(source);
  for (const file of cacheFiles()) {
    let cache;
    try {
      cache = fs.readFileSync(file);
    } catch {
      continue;
    }
    if (!cache.subarray(0, stamp.length).equals(stamp)) continue;
    const script = new vm.Script(wrapped, { filename: bundle, cachedData: cache.subarray(stamp.length) });
    if (!script.cachedDataRejected) return script;
  }
  const script = new vm.Script(wrapped, { filename: bundle });
  process.once('exit', () => writeCache(Buffer.concat([stamp, script.createCachedData()])));
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

const script = compile(readSource());
const bundled = new Module(bundle, module);
bundled.filename = bundle;
bundled.paths = module.paths;
script.runInThisContext()(bundled.exports, Module.createRequire(bundle), bundled, bundle, path.dirname(bundle));
bundled.exports.start(process.argv.slice(2), path.basename(process.argv[1] || 'kubecfg'));
