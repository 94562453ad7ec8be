import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { ApiError } from "../api-error.ts";
import type { ApiContext } from "../context.ts";
import { problemAnswers } from "../http/problem-schema.ts";
import { query } from "../http/query-schema.ts";
import type { JsonSchema } from "../json/json-schema.ts";
import { checkReachable, eventStream, feedEnd } from "../live/event-stream.ts";
import { EVENT_STREAM } from "../live/event-stream-schema.ts";
import { type FeedPosition, formatPosition, parsePosition } from "../live/position.ts";
import { ssePreamble, withHeartbeats } from "../live/server-sent-events.ts";

// One or two events: what a slow client has not taken waits in the log, not in memory.
const BUFFERED_BYTES = 16 * 1024;

const STREAM: JsonSchema = {
  description:
    "Events from the position on, without end: `run`, `recommendation` and `alert`. A comment fills every silence.",
  content: { "text/event-stream": { schema: EVENT_STREAM } },
};
const REFUSALS = problemAnswers(
  "invalid-request",
  "invalid-position",
  "unauthenticated",
  "forbidden",
  "position-expired",
  "misdirected-request",
  "rate-limited",
  "too-many-streams",
);

/**
 * `GET /events`: runs, recommendations and alerts as server-sent events. Every `id` is a log
 * position; `Last-Event-ID`, or `from` on the first connection, continues after it with nothing
 * lost and nothing repeated, a copy that a crashed writer left among the last 128 events of a partition
 * included. Without either the stream starts with what happens next.
 */
export function eventRoutes(app: FastifyInstance, context: ApiContext): void {
  const open = new Set<AbortController>();
  app.addHook("preClose", async () => {
    for (const stream of open) stream.abort();
  });
  app.get<{ Querystring: { from?: string }; Headers: { "last-event-id"?: string } }>("/events", {
    // A HEAD request would hold a stream open that nobody reads.
    exposeHeadRoute: false,
    config: { scope: "read" },
    schema: {
      summary: "Runs, recommendations and alerts as they happen (server-sent events)",
      tags: ["live"],
      querystring: query({
        from: {
          type: "string",
          minLength: 1,
          maxLength: 4096,
          description: "Position to start after",
        },
      }),
      headers: {
        type: "object",
        properties: {
          "last-event-id": {
            type: "string",
            maxLength: 4096,
            description:
              "`id` of the last event received, as a browser sends it when it connects again; overrides `from`",
          },
        },
      },
      response: { 200: STREAM, ...REFUSALS },
    },
    // A stream is sent as it is and a problem brings a serializer: the schemas are for readers.
    serializerCompiler: () => JSON.stringify,
    handler: async (request, reply) => {
      if (open.size >= context.config.maxStreams) {
        throw new ApiError("too-many-streams", "try again later, or poll the lists");
      }
      const start = await startPosition(
        context,
        request.headers["last-event-id"] || request.query.from,
      );
      const stream = new AbortController();
      open.add(stream);
      context.metrics.setStreams(open.size);
      request.raw.once("close", () => {
        stream.abort();
        open.delete(stream);
        context.metrics.setStreams(open.size);
      });
      // The kernel took nothing for so long: the client is gone or stuck.
      request.raw.socket.setTimeout(context.config.streamIdleMs, () =>
        request.raw.socket.destroy(),
      );
      const events = eventStream(context.log, start, stream.signal);
      const chunks = withHeartbeats(
        events,
        ssePreamble(formatPosition(start), context.config),
        context.config,
      );
      return reply
        .type("text/event-stream; charset=utf-8")
        .header("cache-control", "no-store")
        .header("x-accel-buffering", "no")
        .send(Readable.from(chunks, { objectMode: false, highWaterMark: BUFFERED_BYTES }));
    },
  });
}

async function startPosition(context: ApiContext, text: string | undefined): Promise<FeedPosition> {
  if (text === undefined) return feedEnd(context.log);
  const position = parsePosition(text, context.feedLayout);
  await checkReachable(context.log, position);
  return position;
}
