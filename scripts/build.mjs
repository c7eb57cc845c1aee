// Builds dist/: the program as one file with its code cache, and the library (`import { Cluster } from 'kubecfg'`).
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import protobuf from 'protobufjs';

/**
 * oclif loads all of itself, its plugin search and a dozen packages at start, 7 ms of every command. This turns each
 * `const a = require('b')` of it into a require where `a` is used, so that only what a command needs is loaded.
 */
const lazyOclif = {
  name: 'lazy-oclif',
  setup({ onLoad }) {
    onLoad({ filter: /@oclif\/core\/lib\/.*\.js$/ }, ({ path }) => {
      let contents = readFileSync(path, 'utf8');
      const imports = /^(?:const|var) (\w+) = ((?:__import\w+\()?require\("[^"]+"\)\)?);$/gm;
      for (const [line, name, load] of [...contents.matchAll(imports)]) {
        contents = contents.replace(line, '').replace(new RegExp(`\\b${name}\\b`, 'g'), () => `(${load})`);
      }
      return { contents };
    });
  },
};

/** What dockerode brings along for BuildKit builds and for engines behind SSH, neither of which we use: 0.7 MB. */
const withoutBuildKit = {
  name: 'without-buildkit',
  setup({ onResolve, onLoad }) {
    const unused = (args) => ({ path: args.path, namespace: 'unused' });
    onResolve({ filter: /^ssh2$/ }, unused);
    onResolve({ filter: /^\.\/(session|buildkit)$/ }, (args) =>
      /dockerode/.test(args.importer) ? unused(args) : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/**
 * etcd3 reads its protobuf definitions from files beside it, which a bundle does not have: they become part of it.
 */
const etcdProtos = {
  name: 'etcd-protos',
  setup({ onLoad }) {
    onLoad({ filter: /etcd3[/\\]lib[/\\]connection-pool\.js$/ }, ({ path }) => {
      const file = join(dirname(path), '../proto/rpc.proto');
      const definitions = new protobuf.Root().loadSync(file, { keepCase: true }).toJSON();
      const load = /loadSync\)\(`[^`]*`/;
      const source = readFileSync(path, 'utf8');
      if (!load.test(source)) throw new Error('etcd3 loads its definitions in another way than before');
      return { contents: source.replace(load, () => `fromJSON)(${JSON.stringify(definitions)}`) };
    });
  },
};

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // The launcher reads the bundle as Latin-1, which V8 keeps in half the memory and time.
  charset: 'ascii',
  // The store's native part stays a package of its own; it finds its binary beside itself.
  external: ['lmdb'],
  plugins: [lazyOclif, withoutBuildKit, etcdProtos],
  logLevel: 'warning',
};

/** What /swagger-ui/ needs of a package of 12 MB, and its licences. */
function copySwaggerUi() {
  const folder = 'dist/static/swagger-ui';
  mkdirSync(folder, { recursive: true });
  for (const name of [
    'swagger-ui-bundle.js',
    'swagger-ui-bundle.js.LICENSE.txt',
    'swagger-ui.css',
    'LICENSE',
    'NOTICE',
  ]) {
    copyFileSync(`node_modules/swagger-ui-dist/${name}`, `${folder}/${name}`);
  }
}

/** Replaces a file in one step: somebody may be running what is there. */
function write(path, text) {
  mkdirSync('dist', { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

const program = await build({
  ...common,
  entryPoints: ['src/main.ts'],
  format: 'cjs',
  minify: true,
  write: false,
  define: { 'import.meta.dirname': '__dirname' },
  // Code run through vm.Script cannot import(): each becomes a lazy require, and its modules run when first needed.
  supported: { 'dynamic-import': false },
});
const [{ text }] = program.outputFiles;
const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
rmSync('dist/kubecfg.cjs.v8', { force: true });
write('dist/kubecfg.cjs', `//build ${digest}\n${text}`);
if (existsSync('src/index.ts')) {
  await build({ ...common, entryPoints: ['src/index.ts'], outfile: 'dist/index.js', format: 'esm' });
}
copySwaggerUi();
await writeCodeCache();

/** Runs one `get pods` against a stand-in server: the launcher keeps what V8 compiled, so that a user's first run is fast. */
async function writeCodeCache() {
  const columnDefinitions = [{ name: 'Name', type: 'string', format: 'name', description: '', priority: 0 }];
  const rows = [{ cells: ['web'], object: { metadata: { name: 'web' } } }];
  const table = { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: {}, columnDefinitions, rows };
  const server = createServer((_, response) => response.end(JSON.stringify(table))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const home = mkdtempSync(join(tmpdir(), 'kubecfg-build-'));
  const kubeconfig = join(home, 'config');
  writeFileSync(
    kubeconfig,
    `apiVersion: v1
kind: Config
clusters:
- name: build
  cluster: {server: "http://127.0.0.1:${server.address().port}"}
contexts:
- name: build
  context: {cluster: build}
current-context: build
`,
  );
  const run = spawn(process.execPath, ['bin/kubecfg.js', 'get', 'pods'], {
    env: { PATH: process.env.PATH, HOME: home, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(run, 'exit');
  server.close();
  rmSync(home, { recursive: true });
  if (code !== 0 || !existsSync('dist/kubecfg.cjs.v8')) throw new Error('the built program does not run');
}
