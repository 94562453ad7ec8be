import { isText, recordOf } from "@amc/streams/kernel/json-shape";
import type { SpoiledKind } from "../failure-kinds.ts";
import { jsonAnswer, type MockAnswer, type MockRequest, NOT_FOUND } from "../mock-answer.ts";
import type { MockProvider } from "../mock-server.ts";
import { edited } from "../spoiled.ts";

/** Where the mock is asked. */
const MESSAGES_PATH = "/v1/messages";
const SUGGESTIONS_MAX = 3;

interface Question {
  readonly model: string;
  readonly max_tokens: number;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/**
 * Anthropic's Messages API as far as it is used here, by its documentation: a key in `x-api-key`, a version
 * in `anthropic-version`, errors as `{ type: "error", error: { type, message }, request_id }`. It suggests to
 * look at the gates that the figures say fail most.
 */
export function mockAnthropic(): MockProvider {
  return { answer, spoil };
}

function answer(request: MockRequest): MockAnswer {
  const { method, url, headers } = request;
  if (url.pathname !== MESSAGES_PATH) return NOT_FOUND;
  if (method !== "POST") return failed(405, "invalid_request_error", "Method Not Allowed");
  if (textOf(headers["x-api-key"]) === "") {
    return failed(401, "authentication_error", "x-api-key header is required");
  }
  if (textOf(headers["anthropic-version"]) === "") {
    return failed(400, "invalid_request_error", "anthropic-version: header is required");
  }
  const question = questionOf(request.body);
  if (question === null) return failed(400, "invalid_request_error", "messages: Field required");
  if (!question.model.startsWith("claude-")) {
    return failed(404, "not_found_error", `model: ${question.model}`);
  }
  return answeredWith(question.model, JSON.stringify(insightOn(question)), request.body.length);
}

/** A message of the model; of another end of its turn where that is said. */
export function answeredWith(
  model: string,
  text: string,
  askedCharacters = 0,
  stopReason = "end_turn",
): MockAnswer {
  const usage = {
    ...{ input_tokens: Math.ceil(askedCharacters / 4), output_tokens: Math.ceil(text.length / 4) },
    ...{ cache_creation_input_tokens: 0, cache_read_input_tokens: 0, service_tier: "standard" },
  };
  const message = {
    ...{ id: "msg_01MockOfAMessage", type: "message", role: "assistant", model },
    ...{ content: [{ type: "text", text }], stop_reason: stopReason, stop_sequence: null, usage },
  };
  return { ...jsonAnswer(message), headers: { "request-id": "req_01MockOfARequest" } };
}

/** As the real one says that it does not answer; 429 comes with `retry-after`, 529 is overload. */
export function failed(status: number, type: string, message: string): MockAnswer {
  const error = { type: "error", error: { type, message }, request_id: "req_01MockOfARequest" };
  return { ...jsonAnswer(error, status), headers: { "request-id": error.request_id } };
}

function textOf(header: MockRequest["headers"][string]): string {
  return typeof header === "string" ? header : "";
}

const hasModel = recordOf<{ readonly model: string }>({ model: isText });

function questionOf(body: string): Question | null {
  const json: Question = JSON.parse(body);
  const isWhole = hasModel(json) && json.max_tokens > 0 && json.messages[0]?.role === "user";
  return isWhole ? json : null;
}

function insightOn({ messages }: Question): object {
  const { figures }: { readonly figures: Readonly<Record<string, number | null>> } = JSON.parse(
    messages[0]?.content ?? "{}",
  );
  const failing = Object.entries(figures)
    .filter(([name, count]) => /^gate\.[^.]+\.failed-or-unknown$/.test(name) && (count ?? 0) > 0)
    .sort(([, one], [, other]) => (other ?? 0) - (one ?? 0))
    .slice(0, SUGGESTIONS_MAX);
  return {
    summary: `A mock read ${Object.keys(figures).length} figures of ${figures["runs.all"]} runs.`,
    suggestions: failing.map(([name, count]) => ({
      title: `Replay with another limit of ${name.split(".")[1]}`,
      rationale: `It failed ${count} evaluations or lacked an input, more than most gates did.`,
      area: "gates",
      confidence: 0.6,
      evidence: [name, "evaluations.all"],
    })),
  };
}

/** Its own JSON is a text in JSON, so quotes have a backslash before them. */
function spoil(kind: SpoiledKind, good: MockAnswer): MockAnswer {
  switch (kind) {
    case "about something else":
      return edited(
        good,
        /gate\.[^.]+\.failed-or-unknown\\"/g,
        'gate.of-somebody-else.failed-or-unknown\\"',
      );
    case "no numbers":
      return edited(good, /\\"confidence\\":[\d.]+/g, '\\"confidence\\":\\"NaN\\"');
    case "negative":
      return edited(good, /\\"confidence\\":/g, '\\"confidence\\":-');
    case "of the future":
      return edited(good, /\\"area\\":\\"gates\\"/g, '\\"area\\":\\"orders\\"');
    case "the same time again":
      return edited(good, /\{\\"title[^{}]*\}/g, (suggestion) => `${suggestion},${suggestion}`);
  }
}
