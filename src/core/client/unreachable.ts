/** No answer came: the server is not there, or the connection broke. The same request may succeed later. */
export class ServerUnreachableError extends Error {
  override readonly name = 'ServerUnreachableError';
  /** The URL that was asked for. */
  readonly server: string;
  /** As Node names it: ECONNREFUSED, ECONNRESET, ETIMEDOUT, ENOTFOUND … */
  readonly code: string;

  constructor(server: string, cause: Error & { code?: string }) {
    const code = cause.code ?? '';
    super(describe(new URL(server), code, cause.message), { cause });
    this.server = server;
    this.code = code;
  }
}

/** kubectl's words where it has any. */
function describe({ host, hostname }: URL, code: string, message: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `The connection to the server ${host} was refused - did you specify the right host or port?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `Unable to connect to the server: no such host: ${hostname}`;
    case 'ETIMEDOUT':
      return `Unable to connect to the server: ${host} does not answer (${message})`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `The connection to the server ${host} broke (${message})`;
    default:
      return `Unable to connect to the server: ${host}: ${message}`;
  }
}
