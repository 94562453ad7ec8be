import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

const HEX = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const NANOS = z.string().regex(/^\d{19}$/);

/** What a collector accepts, from opentelemetry-proto's trace.proto; unknown fields are refused. */
const SPAN = z.strictObject({
  traceId: HEX(32),
  spanId: HEX(16),
  parentSpanId: HEX(16).optional(),
  name: z.string().min(1),
  kind: z.number().int().min(1).max(5),
  startTimeUnixNano: NANOS,
  endTimeUnixNano: NANOS,
  attributes: z.array(
    z.strictObject({
      key: z.string().min(1),
      value: z.union([
        z.strictObject({ stringValue: z.string() }),
        z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
      ]),
    }),
  ),
  status: z.strictObject({ code: z.literal(2), message: z.string() }).optional(),
});
const REQUEST = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes: SPAN.shape.attributes }),
      scopeSpans: z.array(
        z.strictObject({ scope: z.strictObject({ name: z.string() }), spans: z.array(SPAN) }),
      ),
    }),
  ),
});

export type CollectedSpan = z.output<typeof SPAN>;

/** An OTLP/HTTP collector on loopback that keeps what it is sent and refuses what breaks the protocol. */
export class LoopbackCollector {
  readonly spans: CollectedSpan[] = [];
  readonly services = new Set<string>();
  readonly headers: (string | undefined)[] = [];
  /** Requests that it answers with 503 before it takes one. */
  unavailableFor = 0;
  requests = 0;
  readonly #server: Server;
  endpoint = "";

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Uint8Array[] = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        this.headers.push(request.headers["x-tenant"]?.toString());
        response.statusCode = this.#take(request.url, Buffer.concat(chunks).toString());
        response.end("{}");
      });
    });
  }

  static async start(): Promise<LoopbackCollector> {
    const collector = new LoopbackCollector();
    const listening = Promise.withResolvers<void>();
    collector.#server.listen(0, "127.0.0.1", listening.resolve);
    await listening.promise;
    const address: AddressInfo | string | null = collector.#server.address();
    if (address === null || typeof address === "string") throw new TypeError("no port");
    collector.endpoint = `http://127.0.0.1:${address.port}`;
    return collector;
  }

  async stop(): Promise<void> {
    const stopped = Promise.withResolvers<void>();
    this.#server.close(() => stopped.resolve());
    this.#server.closeAllConnections();
    await stopped.promise;
  }

  #take(url: string | undefined, body: string): number {
    this.requests += 1;
    if (this.requests <= this.unavailableFor) return 503;
    const parsed = REQUEST.safeParse(JSON.parse(body));
    if (url !== "/v1/traces" || !parsed.success) return 400;
    for (const { resource, scopeSpans } of parsed.data.resourceSpans) {
      for (const { value } of resource.attributes) {
        if ("stringValue" in value) this.services.add(value.stringValue);
      }
      for (const { spans } of scopeSpans) this.spans.push(...spans);
    }
    return 200;
  }
}
