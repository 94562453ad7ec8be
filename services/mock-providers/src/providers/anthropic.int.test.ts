import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MockServer, startMockServer } from "../mock-server.ts";
import { mockAnthropic } from "./anthropic.ts";

const HEADERS = {
  "x-api-key": "key",
  "anthropic-version": "2023-06-01",
  "content-type": "application/json",
};
const CONTENT = JSON.stringify({
  figures: {
    "runs.all": 2,
    "gate.rsi_band.failed-or-unknown": 3,
    "gate.ema_cross.failed-or-unknown": 0,
  },
});
const QUESTION = {
  ...{ model: "claude-sonnet-4-6", max_tokens: 100 },
  messages: [{ role: "user", content: CONTENT }],
};

describe("a mock of Anthropic", () => {
  let mock: MockServer;
  beforeAll(async () => {
    mock = await startMockServer(mockAnthropic());
  });
  afterAll(() => mock.close());

  const ask = async (
    changes: { readonly headers?: object; readonly question?: object; readonly path?: string } = {},
  ) => {
    const { headers = {}, question = {}, path = "/v1/messages" } = changes;
    const response = await fetch(`${mock.origin}${path}`, {
      method: "POST",
      headers: { ...HEADERS, ...headers },
      body: JSON.stringify({ ...QUESTION, ...question }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  it("answers a message with its usage, and a text about what fails", async () => {
    const { status, headers, text } = await ask();
    expect([status, headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(headers.get("request-id")).toMatch(/^req_/);
    const message = JSON.parse(text);
    expect(message).toMatchObject({
      ...{ type: "message", role: "assistant", model: QUESTION.model },
      ...{ stop_reason: "end_turn", stop_sequence: null, content: [{ type: "text" }] },
      usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
    });
    const { suggestions } = JSON.parse(message.content[0].text);
    expect(suggestions).toMatchObject([
      { area: "gates", evidence: ["gate.rsi_band.failed-or-unknown", /./] },
    ]);
  });

  it.each([
    ["a key", { headers: { "x-api-key": "" } }, 401, "authentication_error"],
    ["a version", { headers: { "anthropic-version": "" } }, 400, "invalid_request_error"],
    ["messages", { question: { messages: [] } }, 400, "invalid_request_error"],
    ["a length", { question: { max_tokens: 0 } }, 400, "invalid_request_error"],
    ["a model it has", { question: { model: "gpt-0" } }, 404, "not_found_error"],
  ])("says in an error what is wrong without %s", async (_, changes, status, type) => {
    const answer = await ask(changes);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({
      ...{ type: "error", error: { type, message: expect.any(String) } },
      request_id: expect.stringMatching(/^req_/),
    });
  });

  it("has nothing at any other address", async () => {
    expect((await ask({ path: "/v1/complete" })).status).toBe(404);
  });
});
