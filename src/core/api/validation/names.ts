/** The grammars of names, in the words of apimachinery's util/validation: each function lists what is wrong, or nothing. */

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const qualifiedName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = `(${qualifiedName})?`;

export function dnsLabelProblems(text: string): string[] {
  return problems(text, 63, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, () =>
    regexSentence(
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
      label,
      ['my-name', '123-abc'],
    ),
  );
}

export function dnsSubdomainProblems(text: string): string[] {
  return problems(text, 253, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, () =>
    regexSentence(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
      subdomain,
      ['example.com'],
    ),
  );
}

export function labelValueProblems(text: string): string[] {
  return problems(text, 63, /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/, () =>
    regexSentence(
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
      labelValue,
      ['MyValue', 'my_value', '12345'],
    ),
  );
}

/** Keys of labels and annotations, finalizers, resource names: `name` or `example.com/name`. */
export function qualifiedNameProblems(text: string): string[] {
  const slash = text.indexOf('/');
  if (slash !== text.lastIndexOf('/')) {
    const form = regexSentence(
      "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
      qualifiedName,
      ['MyName', 'my.name', '123-abc'],
    );
    return [`${form} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const [prefix, name] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  const out: string[] = [];
  if (slash === 0) out.push('prefix part must be non-empty');
  else if (slash > 0) out.push(...dnsSubdomainProblems(prefix).map((p) => `prefix part ${p}`));
  if (name === '') return [...out, 'name part must be non-empty'];
  const part = problems(name, 63, /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/, () =>
    regexSentence(
      "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
      qualifiedName,
      ['MyName', 'my.name', '123-abc'],
    ),
  );
  return [...out, ...part.map((p) => `name part ${p}`)];
}

/** Names of ports: IANA service names (RFC 6335). */
export function portNameProblems(text: string): string[] {
  const out: string[] = [];
  if (text.length > 15) out.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(text)) out.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(text)) out.push('must contain at least one letter (a-z)');
  if (text.includes('--')) out.push('must not contain consecutive hyphens');
  if (/^-|-$/.test(text)) out.push('must not begin or end with a hyphen');
  return out;
}

export function portNumberProblems(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535, inclusive'];
}

/** A port by number or by the name of a container's port. */
export const portProblems = (port: number | string) =>
  typeof port === 'number' ? portNumberProblems(port) : portNameProblems(port);

/** Keys of secrets: names of files. */
export function fileKeyProblems(text: string): string[] {
  const out = problems(text, 253, /^[-._a-zA-Z0-9]+$/, () =>
    regexSentence("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", '[-._a-zA-Z0-9]+', [
      'key.name',
      'KEY_NAME',
      'key-name',
    ]),
  );
  if (text === '.' || text === '..') out.push(`must not be '${text}'`);
  else if (text.startsWith('..')) out.push("must not start with '..'");
  return out;
}

function problems(text: string, lengthMax: number, form: RegExp, sentence: () => string): string[] {
  const out: string[] = [];
  if (text.length > lengthMax) out.push(`must be no more than ${lengthMax} characters`);
  if (!form.test(text)) out.push(sentence());
  return out;
}

/** The original's layout, doubled blanks included. */
function regexSentence(sentence: string, regex: string, examples: readonly string[]): string {
  return `${sentence} (e.g. ${examples.map((e) => `'${e}', `).join(' or ')}regex used for validation is '${regex}')`;
}
