/** Status in the older versions: `details.id`, and the words that 0.17 found for what went wrong. */
import type { Cause, Status, StatusDetails } from '../status.ts';
import { resourceOf } from './resources.ts';
import { isInline, type OlderVersion } from './version.ts';

type AnyStatus = Status | Omit<Status, 'code'>;

export function encodeStatus(version: OlderVersion, status: AnyStatus): object {
  const { reason, details, message } = status;
  const head = isInline(version)
    ? { kind: 'Status', creationTimestamp: null, apiVersion: version }
    : { kind: 'Status', metadata: {}, apiVersion: version };
  const code = 'code' in status ? { code: status.code } : {};
  if (status.status === 'Success') return { ...head, status: status.status, ...code };
  if (reason === 'UnsupportedMediaType') {
    return { ...head, status: status.status, message: unsupported, details: {}, ...code };
  }
  const causes = details?.causes?.map(reason === 'Invalid' ? wordedCause : (cause) => cause);
  return {
    ...head,
    status: status.status,
    ...(message !== undefined && { message: messageOf(version, message, status, causes) }),
    reason,
    ...(details && { details: detailsOf(details, causes) }),
    ...code,
  };
}

const unsupported = 'the server responded with the status code 415 but did not return more information';

function detailsOf({ name, kind, retryAfterSeconds }: StatusDetails, causes: Cause[] | undefined): object {
  return {
    ...(name && { id: name }),
    ...(kind && { kind: wordFor(kind) }),
    ...(causes && { causes }),
    ...(retryAfterSeconds && { retryAfterSeconds }),
  };
}

/** Bindings are a part of pods today. */
function wordFor(kind: string): string {
  return kind === 'pods/binding' ? 'binding' : (resourceOf(kind)?.errorWord ?? kind);
}

function messageOf(version: OlderVersion, message: string, { reason, details }: AnyStatus, causes: Cause[] = []) {
  const { kind = '', name = '' } = details ?? {};
  const subject = `${wordFor(kind)} "${name}"`;
  switch (reason) {
    case 'NotFound':
    case 'AlreadyExists':
      // Messages about paths name no object.
      return name ? message.replace(/^\S+ "[^"]*"/, () => subject) : message;
    case 'Conflict':
      return message.replace(/^Operation cannot be fulfilled on \S+ "[^"]*": /, () => `${subject} cannot be updated: `);
    case 'Forbidden':
      return name ? message.replace(/^\S+ "[^"]*"/, () => `${resourceOf(kind)?.kind ?? kind} "${name}"`) : message;
    case 'Invalid': {
      const texts = causes.map((cause) => cause.message);
      return `${kind} "${name}" is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`;
    }
  }
  return message.replace(' in version "v1" ', ` in version ${version} `);
}

/** Fields by the names they had inside of 0.17, whatever the version of the request. */
const fieldNames: readonly (readonly [RegExp, string])[] = [
  [/^spec\.nodeName\b/, 'spec.host'],
  [/^spec\.clusterIPs?\b/, 'spec.portalIP'],
  [/^spec\.externalIPs\b/, 'spec.publicIPs'],
  [/^spec\.template\.metadata\.labels\b/, 'spec.template.labels'],
  [/^spec\.template\.spec\.restartPolicy\b/, 'spec.template.restartPolicy'],
];

const fieldName = (field: string) => fieldNames.reduce((name, [pattern, old]) => name.replace(pattern, old), field);

/** `spec.containers: required value` for today's `Required value`. */
function wordedCause({ reason, message, field = '' }: Cause): Cause {
  const name = fieldName(field);
  const text = message
    .replace(/^[A-Z]/, (letter) => letter.toLowerCase())
    // The value stood in single quotes.
    .replace(/^((?:invalid|unsupported|duplicate) value|not found): ("(?:\\.|[^"\\])*"|[^\s:]+)/, (_, words, value) => {
      const plain = value.startsWith('"') ? JSON.parse(value) : value;
      return `${words} '${plain}'`;
    });
  return { reason, message: `${name}: ${text}`, field: name };
}
