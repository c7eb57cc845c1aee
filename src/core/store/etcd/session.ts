/**
 * One connection to one member: its calls, and one stream that carries all watches, told apart by their ids. The
 * watch is our own on the client's stream: etcd3's brings the process down when it begins at a compacted revision.
 */
import type { InterceptingCall, InterceptingListener, Interceptor } from '@grpc/grpc-js';
import { noop } from 'cockatiel';
import { Etcd3, type IDuplexStream, type IEvent, type IOptions, type IWatchRequest, type IWatchResponse } from 'etcd3';
import { oldToken } from './errors.ts';
import type { KeyRange } from './keyspace.ts';

export interface Credentials {
  /** PEM. */
  ca?: Buffer | undefined;
  cert?: Buffer | undefined;
  key?: Buffer | undefined;
  username?: string | undefined;
  password?: string | undefined;
}

export interface MemberWatch extends KeyRange {
  startRevision: number;
  /** The watch is in place: what is written from now on will be told. */
  created?(): void;
  events?(events: readonly IEvent[]): void;
  /** Everything up to `revision` has been told. */
  progress?(revision: number): void;
  /** It begins in what was compacted; history begins at `compactedRevision`. */
  compacted(compactedRevision: number): void;
}

/** etcd ends connections whose pings come more often than every five seconds. */
const keepaliveMs = 6_000;
const keepaliveTimeoutMs = 3_000;
let sessions = 0;

export class Session {
  readonly address: string;
  readonly etcd: Etcd3;
  /** Rejects when the connection is lost or closed; never resolves. */
  readonly lost: Promise<never>;
  /** Called with the revision that the member has come to, some time after askProgress. It may run ahead of events. */
  onProgress: (revision: number) => void = () => {};
  readonly #watches = new Map<string, MemberWatch>();
  readonly #stream: Promise<IDuplexStream<IWatchRequest, IWatchResponse>>;
  #lose!: (error: Error) => void;
  #token: string | undefined;
  #ids = 0;
  #closed = false;

  constructor(address: string, credentials: Credentials) {
    this.address = address;
    this.etcd = new Etcd3(optionsFor(address, credentials, this.#interceptor));
    this.lost = new Promise((_, reject) => {
      this.#lose = reject;
    });
    this.lost.catch(() => {});
    this.#stream = this.#openStream(credentials);
    this.#stream.catch((error) => this.close(error));
  }

  /** Resolves when calls may be made: there is a token, where one is needed. */
  async ready(): Promise<void> {
    await this.#stream;
  }

  watch(watch: MemberWatch): { close(): void } {
    const id = String(++this.#ids);
    this.#watches.set(id, watch);
    this.#write({
      create_request: {
        key: watch.key,
        range_end: watch.range_end,
        start_revision: String(watch.startRevision),
        progress_notify: true,
        filters: [],
        prev_kv: true,
        watch_id: id,
        fragment: false,
      },
    } as IWatchRequest);
    return {
      close: () => {
        if (this.#watches.delete(id)) this.#write({ cancel_request: { watch_id: id } });
      },
    };
  }

  askProgress(): void {
    this.#write({ progress_request: {} });
  }

  /** Ends everything that goes over the connection. */
  close(reason: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watches.clear();
    this.#lose(reason);
    this.#stream.then(
      (stream) => stream.cancel(),
      () => {},
    );
    this.etcd.close();
  }

  #write(request: Partial<IWatchRequest>): void {
    this.#stream.then(
      (stream) => void (this.#closed || stream.write(request as IWatchRequest)),
      () => {},
    );
  }

  async #openStream({ username, password = '' }: Credentials): Promise<IDuplexStream<IWatchRequest, IWatchResponse>> {
    // Not by etcd3, which asks for tokens over connections of its own that back off for minutes and are never closed.
    if (username) this.#token = (await this.etcd.auth.authenticate({ name: username, password })).token;
    const stream = await this.etcd.watchClient.watch();
    stream.on('data', (response) => this.#receive(response));
    stream.on('error', (error) => this.close(error));
    stream.on('end', () => this.close(new Error('14 UNAVAILABLE: the member ended the connection')));
    return stream;
  }

  /** What every call carries. A member without a leader then says so at once, and ends watches, where it would let all wait. */
  readonly #interceptor: Interceptor = (options, nextCall) => {
    const call = nextCall(options) as InterceptingCall;
    const start = call.start.bind(call);
    call.start = (metadata, listener) => {
      metadata.set('hasleader', 'true');
      if (this.#token === undefined) return start(metadata, listener);
      metadata.set('token', this.#token);
      start(metadata, listener && namingOldTokens(listener));
    };
    return call;
  };

  #receive(response: IWatchResponse): void {
    const revision = Number(response.header.revision);
    // Not of one watch: the answer to askProgress.
    if (response.watch_id === '-1') this.onProgress(revision);
    const watch = this.#watches.get(response.watch_id);
    if (!watch) return;
    if (response.created) watch.created?.();
    if (response.canceled) this.#cancelled(response, watch);
    else if (response.events.length > 0) watch.events?.(response.events);
    else if (!response.created) watch.progress?.(revision);
  }

  #cancelled({ watch_id, compact_revision, cancel_reason }: IWatchResponse, watch: MemberWatch): void {
    this.#watches.delete(watch_id);
    const compactedRevision = Number(compact_revision);
    if (compactedRevision > 0) watch.compacted(compactedRevision);
    else this.close(new Error(`etcd ended a watch: ${cancel_reason}`));
  }
}

function optionsFor(address: string, { ca, cert, key }: Credentials, interceptor: Interceptor): IOptions {
  const secure = address.startsWith('https:');
  const tls = { rootCertificate: ca, privateKey: key, certChain: cert } as NonNullable<IOptions['credentials']>;
  return {
    hosts: address,
    ...(secure && (ca || cert) && { credentials: tls }),
    grpcOptions: {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      'grpc.keepalive_time_ms': keepaliveMs,
      'grpc.keepalive_timeout_ms': keepaliveTimeoutMs,
      // grpc-js shares connections between clients of equal options: a new session must not get the one that was lost.
      'grpc.primary_user_agent': `kubecfg-${++sessions}`,
    },
    // Which member is asked, and what is tried again, is decided in link.ts.
    faultHandling: { host: () => noop, global: noop },
    defaultCallOptions: { interceptors: [interceptor] },
  };
}

/** etcd3 would ask for another token, of which it knows nothing here, and send the call again without end. */
function namingOldTokens(listener: Partial<InterceptingListener>): Partial<InterceptingListener> {
  return {
    onReceiveMetadata: (metadata) => listener.onReceiveMetadata?.(metadata),
    onReceiveMessage: (message) => listener.onReceiveMessage?.(message),
    onReceiveStatus(status) {
      const isOld = status.details.includes('etcdserver: invalid auth token');
      listener.onReceiveStatus?.(isOld ? { ...status, details: oldToken } : status);
    },
  };
}
