import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verbs } from '../../../src/commands/index.ts';
import { complete } from '../../../src/core/cli/completion.ts';

/** `|` stands at the end of what is typed. */
const completed = (line: string) =>
  complete(line.split(' '), verbs, async (kind) =>
    kind.kind === 'Namespace' ? ['default', 'prod'] : [`a-${kind.singular}`, `b-${kind.singular}`],
  );

const rows: [line: string, candidates: string[]][] = [
  ['li', ['list', 'list-machines']],
  ['-n prod de', ['delete', 'describe', 'destroy']],
  ['config ', ['current-context', 'get-contexts', 'use-context', 'view']],
  ['config u', ['use-context']],
  ['get po', ['pods', 'podtemplates']],
  ['get pod ', ['a-pod', 'b-pod']],
  ['get pod a', ['a-pod']],
  ['describe rc/', ['rc/a-replicationcontroller', 'rc/b-replicationcontroller']],
  ['get -o json no', ['nodes']],
  ['get pods -n ', ['default', 'prod']],
  ['get pods -o ', []],
  ['get --sh', ['--show-labels']],
  ['create ', []],
  ['nosuch ', []],
];
for (const [line, candidates] of rows) {
  test(`"kubecfg ${line}" goes on with ${candidates.join(' ') || 'nothing'}`, async () => {
    assert.deepEqual(await completed(line), candidates);
  });
}
