import type { FastifyInstance } from "fastify";
import { ApiError } from "../api-error.ts";
import { principalOf } from "../auth/authenticate.ts";
import { type ControlPort, decisionProblem } from "../control/decision.ts";
import { NO_QUERY } from "../http/query-schema.ts";
import { time } from "../json/event-json.ts";
import { described, type JsonSchema, nullable, object, TEXT, TIME } from "../json/json-schema.ts";

// A decision with the longest texts is a tenth of it.
const BODY_LIMIT_BYTES = 8 * 1024;

const SHORT_TEXT = { type: "string", minLength: 1, maxLength: 64 } satisfies JsonSchema;
// A split among all strategies, a duration and every metric.
const VALUE_TEXT = { type: "string", minLength: 1, maxLength: 250 } satisfies JsonSchema;
const DECISION: JsonSchema = {
  type: "object",
  required: ["setting", "actor", "reason"],
  additionalProperties: false,
  properties: {
    setting: SHORT_TEXT,
    value: described(
      VALUE_TEXT,
      "New value; without it the configured one is in force again. Of experiment/<name> a change: start, pause, resume, cancel or split=…",
    ),
    actor: described(SHORT_TEXT, "Who decides"),
    reason: { type: "string", minLength: 1, maxLength: 500, description: "Why" },
  },
};
const CONTROL = object({
  setting: TEXT,
  value: nullable(TEXT),
  publishedAt: described(TIME, "Event time that it follows: in force with the next tick"),
  actor: TEXT,
  reason: TEXT,
});

interface Body {
  readonly setting: string;
  readonly value?: string;
  readonly actor: string;
  readonly reason: string;
}

/** `POST /control`: the one request that changes anything, a fact in the log like every other. */
export function controlRoute(app: FastifyInstance, { publish }: ControlPort): void {
  app.post<{ Body: Body }>("/control", {
    bodyLimit: BODY_LIMIT_BYTES,
    config: { scope: "control" },
    schema: {
      summary: "Changes a setting from the next tick on",
      tags: ["operations"],
      querystring: NO_QUERY,
      body: DECISION,
      response: { 200: CONTROL },
    },
    handler: async (request) => {
      const { setting, value = null, reason } = request.body;
      const decision = { setting, value, reason, actor: request.body.actor };
      const problem = decisionProblem(decision);
      if (problem !== null) {
        throw new ApiError("invalid-request", problem.detail, { field: problem.field, in: "body" });
      }
      const key = principalOf(request);
      // Anyone can give any name; the key is what is known.
      const actor = key === null ? decision.actor : `${decision.actor} (key ${key.keyId})`;
      const control = await publish({ ...decision, actor });
      if (control === null) {
        throw new ApiError("no-tick", "nothing was changed: configure the setting instead");
      }
      return { ...control, publishedAt: time(control.publishedAt) };
    },
  });
}
