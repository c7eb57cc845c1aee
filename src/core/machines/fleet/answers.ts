/** Answers of the fleet API, byte for byte as Go's encoding/json writes them. */

export interface FleetAnswer {
  code: number;
  body: Buffer;
  contentType?: string;
  headers: Readonly<Record<string, string>>;
}

/** fleetctl shows the message; '' where fleetd has none. */
export class FleetError extends Error {
  readonly code: number;
  constructor(code: number, message = '') {
    super(message);
    this.code = code;
  }
}

export function answer(code: number, value: object | undefined, version: string): FleetAnswer {
  const headers = { Server: `fleetd/${version}` };
  if (value === undefined) return { code, body: Buffer.alloc(0), headers };
  return { code, body: Buffer.from(goJson(value)), contentType: 'application/json', headers };
}

export const errorBody = ({ code, message }: FleetError) => ({ error: { code, message } });

/** Go writes what could end a script in a page as escapes. */
function goJson(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
