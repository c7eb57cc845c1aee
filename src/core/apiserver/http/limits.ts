/** What one client, or all of them together, may take of this server. */
export interface HttpLimits {
  readonly bodyBytesMax: number;
  /** Requests on their way at the same time; more are told to come again. */
  readonly requestsMax: number;
  /** Watches, logs and relays at the same time; more are told to come again. */
  readonly longAnswersMax: number;
  /** For the head of a request to arrive. */
  readonly headMs: number;
  /** For a request to arrive and to be answered, unless the answer is a long one. */
  readonly answerMs: number;
  /** For an answer to get on by anything at all, unless it is a long one. */
  readonly silenceMs: number;
  /** Regular expressions for the origins of pages that are let in. */
  readonly corsAllowedOrigins: readonly string[];
}
