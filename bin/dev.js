#!/usr/bin/env node
// Runs the sources without a build.
'use strict';
const path = require('node:path');

async function run() {
  const { register } = await import('tsx/esm/api');
  register();
  const { start } = await import('../src/main.ts');
  await start(process.argv.slice(2), path.basename(process.argv[1], '.js'));
}
run();
