/** The words that name resources: `pods`, `pods,rc`, `all`, `pod web`, `pod/web rc/front`, and kubecfg's `/pods`. */
import type { Kind } from '../api/kind.ts';
import { kindByWord, kinds } from '../api/kinds/index.ts';
import { CliError, didYouMean, UsageError } from './errors.ts';

export interface ObjectName {
  kind: Kind;
  name: string;
}

/** Either whole collections or single objects. */
export type Selection = { type: 'collections'; kinds: Kind[] } | { type: 'objects'; objects: ObjectName[] };

const listable = kinds.filter((kind) => kind.verbs === undefined || kind.verbs.includes('list'));

/** One kind by any of its names. kubecfg 0.7.2 called nodes minions. */
export function kindNamed(word: string): Kind {
  const kind = kindByWord(/^mi(nions?)?$/i.test(word) ? 'nodes' : word);
  if (kind) return kind;
  const words = listable.flatMap((k) => [k.plural, k.singular, ...k.shortNames]);
  throw new CliError(`the server doesn't have a resource type "${word}"${didYouMean(word, words)}`, {
    hint: `The types are: ${listable.map((k) => k.plural).join(', ')}.`,
  });
}

/** `pods,rc`, a category such as `all`, or both. */
function kindsNamed(list: string): Kind[] {
  const named = list
    .split(',')
    .filter(Boolean)
    .flatMap((word) => {
      const inCategory = kinds.filter((kind) => kind.categories.includes(word.toLowerCase()));
      return inCategory.length > 0 ? inCategory : [kindNamed(word)];
    });
  return [...new Set(named)];
}

/** The words after a verb such as `get`. `example` completes the sentence when there are none. */
export function parseSelection(words: readonly string[], example: string): Selection {
  const [first, ...names] = words.map((word) => word.replace(/^\/+|\/+$/g, ''));
  if (!first) throw new UsageError(`you must name a type of resource, such as '${example}'`);
  if ([first, ...names].some((word) => word.includes('/'))) {
    return { type: 'objects', objects: [first, ...names].map(slashed) };
  }
  const named = kindsNamed(first);
  if (names.length === 0) return { type: 'collections', kinds: named };
  if (named.length > 1) throw new UsageError('names can follow a single type only: use TYPE/NAME for each');
  return { type: 'objects', objects: names.map((name) => ({ kind: named[0]!, name })) };
}

function slashed(word: string): ObjectName {
  const [type, name, ...more] = word.split('/');
  if (!type || !name || more.length > 0) {
    throw new UsageError(
      `"${word}": when one argument is in TYPE/NAME form, all must be, each with one slash (pod/web rc/front)`,
    );
  }
  return { kind: kindNamed(type), name };
}

/** Exactly one object: `pod web` or `pod/web`. */
export function parseObjectName(words: readonly string[], example: string): ObjectName {
  const selection = parseSelection(words, example);
  if (selection.type === 'collections') throw new UsageError(`you must name an object, such as '${example}'`);
  if (selection.objects.length > 1) throw new UsageError(`one object at a time, such as '${example}'`);
  return selection.objects[0]!;
}
