import type { HttpAnswer, HttpRequest } from "@amc/platform/http/exchange";
import type { ProviderClient } from "@amc/platform/http/provider-client";
import { ProviderError } from "@amc/platform/http/provider-error";
import { readJson } from "@amc/platform/http/read-json";
import { type Insight, readInsight } from "@amc/streams/insight/suggestions";
import type { Aggregates } from "@amc/streams/insight/tally";
import { isNumber, isText, listOf, nullOr, oneOf, recordOf } from "@amc/streams/kernel/json-shape";

/** What the Messages API answered, of which nothing but this goes on. */
export interface AnsweredInsight {
  readonly insight: Insight;
  /** As it calls itself: an alias is answered by what it stands for. */
  readonly model: string;
  /** What is paid for. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** As calls are recorded. */
const MESSAGES = "messages";
const API_VERSION = "2023-06-01";
/** The answer itself is at most 50 kB; a model that thinks aloud beside it is not asked to. */
const BODY_BYTES_MAX = 500_000;
const TOKENS_MAX = 10_000_000;

/** What the documentation calls the ends of errors; of any other nothing is repeated. */
const ERROR_TYPES = [
  "invalid_request_error",
  "billing_error",
  "authentication_error",
  "permission_error",
  "not_found_error",
  "request_too_large",
  "rate_limit_error",
  "api_error",
  "overloaded_error",
] as const;

interface Block {
  readonly type: string;
}

interface Message {
  readonly type: "message";
  readonly role: "assistant";
  readonly model: string;
  readonly content: readonly Block[];
  readonly stop_reason: string | null;
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number };
}

const isMessage = recordOf<Message>({
  ...{ type: oneOf("message"), role: oneOf("assistant"), model: isText },
  ...{ content: listOf(recordOf<Block>({ type: isText })), stop_reason: nullOr(isText) },
  usage: recordOf<Message["usage"]>({ input_tokens: isNumber, output_tokens: isNumber }),
});
const isTextBlock = recordOf<Block & { readonly text: string }>({ type: isText, text: isText });
const isFailure = recordOf<{ readonly error: { readonly type: (typeof ERROR_TYPES)[number] } }>({
  error: recordOf({ type: oneOf(...ERROR_TYPES) }),
});

/** The question as it goes out, to this address and to none that it leads to. */
export function messagesRequest(baseUrl: string, apiKey: string, body: string): HttpRequest {
  return {
    url: new URL(`${baseUrl.replace(/\/+$/, "")}/v1/messages`),
    method: "POST",
    headers: {
      "x-api-key": apiKey,
      "anthropic-version": API_VERSION,
      "content-type": "application/json",
    },
    body,
    accept: ["application/json"],
    // With the kind of the mistake: money that is spent comes as 400, too.
    statuses: [400],
    followsRedirects: false,
  };
}

/** Asks about `aggregates`, which `request` has in its body, until somebody gives up. Throws ProviderError. */
export async function askForInsight(
  client: ProviderClient,
  request: HttpRequest,
  aggregates: Aggregates,
  signal?: AbortSignal,
): Promise<AnsweredInsight> {
  const { answer } = await client.ask({
    // It is no fact, and is kept by nobody.
    ...{ endpoint: MESSAGES, parameters: null, maxBodyBytes: BODY_BYTES_MAX },
    request,
    read: (http: HttpAnswer) => readMessage(http, aggregates),
    ...(signal === undefined ? {} : { signal }),
  });
  return answer;
}

/** Pure. Whatever is wrong with an answer, none of its words are in the error. */
function readMessage(http: HttpAnswer, { figures }: Aggregates): AnsweredInsight {
  const json = readJson(http);
  if (http.status === 400) throw mistaken(json);
  if (!isMessage(json)) throw unreadable("the answer is not a message of Anthropic's");
  const { model, content, stop_reason: stopReason, usage } = json;
  if (stopReason === "refusal") {
    const message = "the model refuses to answer";
    throw new ProviderError("provider.declined", message, { reason: "refusal" });
  }
  if (stopReason === "max_tokens") throw unreadable("the answer is cut at its longest");
  if (stopReason !== "end_turn") throw unreadable("the answer has no end of a turn");
  const { input_tokens: inputTokens, output_tokens: outputTokens } = usage;
  const isPlausible = /^[\w.:@-]{1,100}$/.test(model) && [inputTokens, outputTokens].every(isCount);
  if (!isPlausible) throw unreadable("the answer has a model or a count of tokens that cannot be");
  const texts = content.filter(({ type }) => type === "text");
  const [only] = texts;
  if (texts.length !== 1 || !isTextBlock(only)) throw unreadable("the answer has not one text");
  const read = readInsight(only.text, figures);
  if (!read.ok) throw unreadable(`what the model wrote is not used: ${read.reason}`);
  return { insight: read.insight, model, inputTokens, outputTokens };
}

function isCount(count: number): boolean {
  return Number.isInteger(count) && count >= 0 && count <= TOKENS_MAX;
}

function mistaken(json: unknown): ProviderError {
  const reason = isFailure(json) ? json.error.type : "unknown";
  const message = `the provider answers 400 (${reason}): the question, or the account's limit of spending`;
  return new ProviderError("provider.bad-request", message, { status: 400, reason });
}

function unreadable(message: string): ProviderError {
  return new ProviderError("provider.unreadable", message);
}
