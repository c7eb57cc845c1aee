/** POST, PUT, PATCH and DELETE. */
import { duplicateFields } from '../../api/duplicates.ts';
import type { ApiRequest, RequestOptions } from '../../api/request.ts';
import { badRequest, methodNotAllowed } from '../../api/status.ts';
import { parseTerm, termHeader } from '../../client/paths.ts';
import type { Context } from '../context.ts';
import { handle } from '../engine.ts';
import { Bodies, mediaType, parseBody, parseJson, parseJsonOrYaml, patchTypeOf } from './body.ts';
import { deleteOptionsOf, queryDeleteOptions } from './delete-options.ts';
import { type Exchange, formOf } from './exchange.ts';
import type { InFlight } from './in-flight.ts';
import { withManager } from './manager.ts';
import { optionsOf } from './query.ts';
import { sendAnswer } from './respond.ts';
import type { Route } from './route.ts';

export class Writes {
  readonly #context: Context;
  readonly #inFlight: InFlight;
  readonly bodies: Bodies;

  constructor(context: Context, inFlight: InFlight, bodyBytesMax: number) {
    this.#context = context;
    this.#inFlight = inFlight;
    this.bodies = new Bodies(bodyBytesMax);
  }

  async serve(exchange: Exchange, route: Route): Promise<void> {
    const { request, response, query, dialect } = exchange;
    const { kind, namespace, name, subresource } = route;
    this.#inFlight.admit();
    const verb = verbOf(request.method ?? '', route);
    const form = formOf(exchange, verb === 'deletecollection' ? 'list' : 'one');
    const contentType = mediaType(request.headers['content-type']);
    const options = { ...optionsOf(query), ...termOf(request.headers[termHeader]) };
    const asked: ApiRequest = { verb, kind, namespace, name, subresource, options };
    if (verb === 'patch') asked.patchType = patchTypeOf(contentType);

    const bytes = await this.bodies.read(request);
    if (verb === 'delete' || verb === 'deletecollection') {
      // The body wins over the query.
      const wishes = bytes.length ? deleteOptionsOf(await parseBody(bytes, contentType)) : queryDeleteOptions(query);
      asked.options = { ...asked.options, ...wishes };
    } else {
      asked.options = withManager(asked, request.headers['user-agent']);
      asked.body = await bodyOf(asked, bytes, contentType, dialect?.parseBody);
      const isJson = contentType === '' || contentType.endsWith('json');
      if (isJson && isValidated(asked)) asked.duplicates = duplicateFields(bytes.toString());
    }
    const answer = await (dialect ? dialect.write(this.#context, asked) : handle(this.#context, asked));
    await sendAnswer(response, answer, form, this.#context.clock.now());
  }
}

function termOf(header: string | string[] | undefined): Pick<RequestOptions, 'term'> {
  if (header === undefined) return {};
  const term = parseTerm(String(header));
  if (!term) throw badRequest(`${termHeader}: ${JSON.stringify(header)} names no term of a lease`);
  return { term };
}

/** Whether the client has asked to be told of wrong fields; of those in his text twice it costs a second look at it. */
function isValidated({ options = {} }: ApiRequest): boolean {
  return options.fieldValidation === 'Strict' || options.fieldValidation === 'Warn';
}

function bodyOf({ verb, patchType }: ApiRequest, bytes: Buffer, contentType: string, parse = parseBody): unknown {
  if (verb !== 'patch') return parse(bytes, contentType);
  return patchType === 'apply' ? parseJsonOrYaml(bytes) : parseJson(bytes);
}

function verbOf(method: string, { kind, namespace, name, subresource }: Route): ApiRequest['verb'] {
  // Across all namespaces there is only reading.
  if (kind.namespaced && namespace === undefined) throw methodNotAllowed();
  const onCollection = name === undefined;
  if (method === 'POST' && (onCollection || subresource)) return 'create';
  if (method === 'PUT' && !onCollection) return 'update';
  if (method === 'PATCH' && !onCollection) return 'patch';
  if (method === 'DELETE' && !subresource) return onCollection ? 'deletecollection' : 'delete';
  throw methodNotAllowed();
}
