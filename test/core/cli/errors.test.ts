import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alreadyExists, invalid, notFound } from '../../../src/core/api/status.ts';
import { CliError, explain, Failures, Interrupted, TimeoutError, UsageError } from '../../../src/core/cli/errors.ts';
import { ServerUnreachableError } from '../../../src/core/client/unreachable.ts';

const pods = { plural: 'pods', group: '' };
const required = (field: string) => ({ reason: 'FieldValueRequired' as const, field });

const rows: [string, unknown, string, number][] = [
  ['a missing object', notFound(pods, 'x'), 'Error from server (NotFound): pods "x" not found', 1],
  ['a name in use', alreadyExists(pods, 'x'), 'Error from server (AlreadyExists): pods "x" already exists', 1],
  [
    'one wrong field',
    invalid('Pod', '', 'x', [required('spec.a')]),
    'The Pod "x" is invalid: spec.a: Required value',
    1,
  ],
  [
    'several wrong fields',
    invalid('Pod', '', 'x', [required('spec.a'), required('spec.b')]),
    'The Pod "x" is invalid:\n* spec.a: Required value\n* spec.b: Required value',
    1,
  ],
  ['a failure with a hint', new CliError('no', { hint: 'Try this.' }), 'error: no\nTry this.', 1],
  ['a wrong command line', new UsageError('what?'), "error: what?\nSee 'kubecfg get --help' for usage.", 2],
  ['time that ran out', new TimeoutError('timed out'), 'error: timed out', 124],
  ['an interrupt', new Interrupted(), '', 130],
  ['a termination', new Interrupted('SIGTERM'), '', 143],
  ['anything else', new Error('oops'), 'error: oops', 1],
  [
    'several failures',
    new Failures([notFound(pods, 'x'), new CliError('no')], '2 of 3 objects were not created'),
    'Error from server (NotFound): pods "x" not found\nerror: no\nerror: 2 of 3 objects were not created',
    1,
  ],
  [
    'nobody listening',
    new ServerUnreachableError('http://127.0.0.1:9', Object.assign(new Error(), { code: 'ECONNREFUSED' })),
    "The connection to the server 127.0.0.1:9 was refused - did you specify the right host or port?\n'kubecfg up' starts a local cluster.",
    1,
  ],
];
for (const [what, error, text, exitCode] of rows) {
  test(`${what} ends with ${exitCode}`, () => assert.deepEqual(explain(error, 'kubecfg get'), { text, exitCode }));
}
