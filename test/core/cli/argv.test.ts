import assert from 'node:assert/strict';
import { test } from 'node:test';
import Get from '../../../src/commands/get.ts';
import Logs from '../../../src/commands/logs.ts';
import { asksForHelp, normaliseFlags, splitLeadingFlags } from '../../../src/core/cli/argv.ts';
import { UsageError } from '../../../src/core/cli/errors.ts';
import { flagsOf, type VerbClass } from '../../../src/core/cli/verb-table.ts';

const normalise = (words: string, Verb: VerbClass = Get) =>
  normaliseFlags(words.split(' '), flagsOf(Verb)).argv.join(' ');

test('flags in front of the verb keep their values', () => {
  const rows: [string, string, string][] = [
    ['-n x get pods', '-n x', 'get pods'],
    ['--namespace=x -json list /pods', '--namespace=x -json', 'list /pods'],
    ['-s http://a:1 --watch get pods', '-s http://a:1 --watch', 'get pods'],
    ['-c pod.json create pods', '-c pod.json', 'create pods'],
    ['-h http://a:1 list pods', '-h http://a:1', 'list pods'],
    ['-h localhost:8080 list pods', '-h localhost:8080', 'list pods'],
    ['-h', '-h', ''],
    ['--v=8 get pods', '--v=8', 'get pods'],
    ['get pods -n x', '', 'get pods -n x'],
  ];
  for (const [words, leading, rest] of rows) {
    const split = splitLeadingFlags(words.split(' '));
    assert.deepEqual([split.leading.join(' '), split.rest.join(' ')], [leading, rest], words);
  }
});

test('-h asks for help unless a server follows it', () => {
  assert.equal(asksForHelp(['pods', '-h']), true);
  assert.equal(asksForHelp(['-h', 'pods']), true);
  assert.equal(asksForHelp(['-h', 'http://127.0.0.1:8080', 'pods']), false);
  assert.equal(asksForHelp(['-h', '10.0.0.1', 'pods']), false);
  assert.equal(asksForHelp(['web', '--', 'ls', '--help']), false);
});

test('one dash may stand for two, _ for -, and booleans may carry a value', () => {
  const rows: [string, string][] = [
    ['pods -ojson', 'pods --output=json'],
    ['pods -o=json', 'pods --output=json'],
    ['pods -o json', 'pods --output=json'],
    ['pods -json', 'pods --output=json'],
    ['pods -output yaml', 'pods --output=yaml'],
    ['pods --no_headers', 'pods --no-headers'],
    ['pods --watch=true', 'pods --watch'],
    ['pods --watch=false', 'pods'],
    ['pods -Aw', 'pods --all-namespaces --watch'],
    ['pods -wo json', 'pods --watch --output=json'],
    ['pods -l a=b,c!=d', 'pods --selector=a=b,c!=d'],
    ['pods -fields a=b', 'pods --field-selector=a=b'],
    ['pods -ns x', 'pods --namespace=x'],
    ['pods -h http://a:1', 'pods --server=http://a:1'],
    ['pods -L app -L tier', 'pods --label-columns=app --label-columns=tier'],
    ['pods -v 8', 'pods --verbose=8'],
    ['pods --v=8', 'pods --verbose=8'],
    ['-', '-'],
  ];
  for (const [words, expected] of rows) assert.equal(normalise(words), expected, words);
  assert.equal(normalise('web -fp', Logs as VerbClass), 'web --follow --previous');
});

test('words behind -- are left alone', () => {
  const { argv, afterDashes } = normaliseFlags(['web', '-w', '--', 'ls', '-la', '--', 'web'], flagsOf(Get));
  assert.deepEqual(argv, ['web', '--watch']);
  assert.deepEqual(afterDashes, ['ls', '-la', '--', 'web']);
});

test('a flag the verb does not have is refused, with the one that was meant', () => {
  const rows: [string, RegExp][] = [
    ['pods --outptu=json', /^unknown flag: --outptu \(did you mean "--output"\?\)$/],
    ['pods --zzzzzzzz', /^unknown flag: --zzzzzzzz$/],
    ['pods -z', /^unknown flag: -z$/],
    ['pods --no-selector', /^unknown flag: --no-selector/],
    ['pods --watch=maybe', /watch is true or false$/],
    ['pods -o', /^flag needs an argument: -o$/],
  ];
  for (const [words, message] of rows) {
    assert.throws(
      () => normalise(words),
      (error) => error instanceof UsageError && message.test(error.message),
      words,
    );
  }
});
