/** GET: objects, lists, watches and logs. */
import { isTrue, logOptionsOf } from '../../client/query.ts';
import { upToDate } from '../confirm.ts';
import type { Context } from '../context.ts';
import { handle } from '../engine.ts';
import { type Exchange, formOf } from './exchange.ts';
import type { InFlight } from './in-flight.ts';
import { optionsOf } from './query.ts';
import { sendAnswer } from './respond.ts';
import type { Route } from './route.ts';
import { streamLog, streamWatch } from './streams.ts';

/** Watches without a wish of their own end after a random time from this to twice this, to spread reconnects. */
const watchSecondsMin = 1800;

export function serveRead(
  context: Context,
  exchange: Exchange,
  { watch, ...target }: Route,
  inFlight: InFlight,
): Promise<void> | void {
  const { response, query } = exchange;
  const { clock, random } = context;
  if (target.subresource === 'log') {
    inFlight.long.begin(response);
    const request = { verb: 'get' as const, ...target, options: { log: logOptionsOf(query) } };
    return streamLog(context, request, exchange, inFlight.long.closing);
  }
  const options = optionsOf(query);
  if (watch || isTrue(query.get('watch') ?? 'false')) {
    inFlight.long.begin(response);
    options.timeoutSeconds ??= Math.floor(watchSecondsMin * (1 + random.next()));
    const request = { verb: 'watch' as const, ...target, options };
    const form = formOf(exchange, 'watch');
    const wait = upToDate(context, options);
    if (!wait) return streamWatch(context, request, response, form);
    return wait.then(() => {
      // The client may have left meanwhile.
      if (!response.closed) streamWatch(context, request, response, form);
    });
  }
  inFlight.admit();
  const verb = target.name === undefined ? 'list' : 'get';
  const form = formOf(exchange, verb === 'list' ? 'list' : 'one');
  const answer = handle(context, { verb, ...target, options });
  if (answer instanceof Promise) return answer.then((late) => sendAnswer(response, late, form, clock.now()));
  return sendAnswer(response, answer, form, clock.now());
}
