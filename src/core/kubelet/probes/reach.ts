/** How probes and hooks reach into a pod's network. A machine that runs nothing has none, and takes `nominalReach`. */
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';

export interface HttpGet {
  url: string;
  headers: readonly { name: string; value: string }[];
  timeoutMs: number;
}

/** Each rejects when it does not succeed in time. */
export interface Reach {
  /** Answers the status code; the body is not read. */
  http(request: HttpGet): Promise<number>;
  tcp(host: string, port: number, timeoutMs: number): Promise<void>;
  /** grpc.health.v1.Health/Check; rejects unless it answers SERVING. */
  grpc(target: { host: string; port: number; service: string; timeoutMs: number }): Promise<void>;
}

export const nominalReach: Reach = {
  http: async () => 200,
  tcp: async () => {},
  grpc: async () => {},
};

export const realReach: Reach = {
  http({ url, headers, timeoutMs }) {
    return new Promise((resolve, reject) => {
      const { get } = url.startsWith('https:') ? https : http;
      const options = {
        headers: Object.fromEntries([
          ['User-Agent', 'kube-probe/kubecfg'],
          ['Accept', '*/*'],
          ...headers.map((h) => [h.name, h.value]),
        ]),
        // Certificates of pods are made for names, and probes go to addresses.
        rejectUnauthorized: false,
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
      };
      get(url, options, (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      }).on('error', (error) => reject(new Error(`Get "${url}": ${wordsOf(error, timeoutMs)}`)));
    });
  },

  tcp(host, port, timeoutMs) {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host, port, signal: AbortSignal.timeout(timeoutMs) });
      socket.on('connect', () => {
        socket.destroy();
        resolve();
      });
      socket.on('error', (error) => reject(new Error(`dial tcp ${host}:${port}: ${wordsOf(error, timeoutMs)}`)));
    });
  },

  async grpc({ host, port, service, timeoutMs }) {
    const session = http2.connect(`http://${host}:${port}`);
    try {
      const answer = await new Promise<Buffer>((resolve, reject) => {
        session.on('error', (error) => reject(new Error(`connect ${host}:${port}: ${wordsOf(error, timeoutMs)}`)));
        const headers = {
          ':method': 'POST',
          ':path': '/grpc.health.v1.Health/Check',
          'content-type': 'application/grpc',
          te: 'trailers',
        };
        const stream = session.request(headers, { signal: AbortSignal.timeout(timeoutMs) });
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('error', (error) => reject(new Error(wordsOf(error, timeoutMs))));
        stream.on('end', () => resolve(Buffer.concat(chunks)));
        stream.end(healthCheckRequest(service));
      });
      // The frame's five bytes, then HealthCheckResponse { status = 1 }; 1 is SERVING.
      const status = answer.length >= 7 && answer[5] === 0x08 ? answer[6] : 0;
      if (status !== 1) throw new Error(`service unhealthy (responded with status ${status})`);
    } finally {
      session.destroy();
    }
  },
};

/** HealthCheckRequest { service = 1 } in a gRPC frame: a byte "not compressed", the length, the message. */
function healthCheckRequest(service: string): Buffer {
  const name = Buffer.from(service).subarray(0, 127);
  const message = name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

function wordsOf(error: Error & { code?: string }, timeoutMs: number): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000}s`;
  if (error.code === 'ECONNREFUSED') return 'connect: connection refused';
  return error.message;
}
