/** Flags that several verbs have, defined once so that they read and work alike. */
import * as Flags from '@oclif/core/flags';
import { outputFormats } from './printers/index.ts';

export const outputFlag = {
  output: Flags.string({ char: 'o', helpValue: 'FORMAT', description: `output: ${outputFormats}` }),
};

export const selectorFlags = {
  selector: Flags.string({
    char: 'l',
    helpValue: 'SELECTOR',
    description: "label selector: 'app=web,tier in (a,b),!old'",
  }),
  'field-selector': Flags.string({
    aliases: ['fields'],
    helpValue: 'SELECTOR',
    description: "field selector: 'status.phase=Running,spec.nodeName!=core-01'",
  }),
};

export const allNamespacesFlag = {
  'all-namespaces': Flags.boolean({ char: 'A', description: 'in all namespaces' }),
};

export const watchFlag = {
  watch: Flags.boolean({ char: 'w', description: 'keep printing changes until interrupted' }),
};

export const filenameFlag = {
  filename: Flags.string({
    char: 'f',
    charAliases: ['c'],
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'FILE',
    description: 'manifest: a file, a directory, a URL, or - for stdin; may be given several times',
  }),
};

/** How Tables are shown. */
export const tableFlags = {
  'no-headers': Flags.boolean({ description: 'print no header line' }),
  'show-labels': Flags.boolean({ description: 'add a column with all labels' }),
  'label-columns': Flags.string({
    char: 'L',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    helpValue: 'KEY',
    description: 'add a column for each of these labels',
  }),
  'sort-by': Flags.string({
    helpValue: 'PATH',
    description: 'sort by the value at a path: .metadata.creationTimestamp',
  }),
};
