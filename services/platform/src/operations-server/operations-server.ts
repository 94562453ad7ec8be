import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { errorCode } from "../postgres/errors.ts";
import type { Operations, Readiness } from "./operations.ts";
import { OperationsListenError } from "./operations-listen-error.ts";

export interface OperationsServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly operations: Operations;
}

export interface OperationsServer {
  /** Such as `http://127.0.0.1:9120`. */
  readonly address: string;
  close(): Promise<void>;
}

/** A probe gives up after a few seconds; an answer that is later than this helps nobody. */
const READY_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

type Route = (operations: Operations) => Answer | Promise<Answer>;

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  [
    "/livez",
    (operations) => {
      const alive = operations.live();
      return json(alive ? 200 : 503, { alive });
    },
  ],
  [
    "/readyz",
    async (operations) => {
      const readiness = await inTime(operations.ready());
      return json(readiness.ready ? 200 : 503, readiness);
    },
  ],
  [
    "/metrics",
    async ({ metrics, metricsType: type }) => {
      if (metrics === null) return json(404, { error: "metrics are switched off" });
      return { status: 200, type, body: await metrics() };
    },
  ],
]);

/**
 * Answers `/livez`, `/readyz` and `/metrics` of a service without an API. It asks nobody for a key and
 * tells no secret; who may reach it is decided by where it listens. Throws `operations.cannot-listen`.
 */
export async function serveOperations(options: OperationsServerOptions): Promise<OperationsServer> {
  const { host, port, operations } = options;
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void answer(request.method ?? "", request.url ?? "", operations).then(
      ({ status, type, body }) => {
        response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
        response.end(request.method === "HEAD" ? undefined : body);
      },
    );
  });
  server.listen({ host, port });
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new OperationsListenError({ host, port, reason: errorCode(cause) ?? "unknown" }, cause);
  }
  return {
    address: `http://${host.includes(":") ? `[${host}]` : host}:${portOf(server)}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(method: string, url: string, operations: Operations): Promise<Answer> {
  const route = ROUTES.get(url.replace(/\?.*$/, ""));
  if (route === undefined)
    return json(404, { error: `there are ${[...ROUTES.keys()].join(", ")}` });
  if (method !== "GET" && method !== "HEAD") return json(405, { error: "only GET and HEAD" });
  try {
    return await route(operations);
  } catch (error) {
    // The code says what is wrong; messages of drivers may hold addresses.
    return json(503, { ready: false, reasons: [`fails with ${errorCode(error) ?? "an error"}`] });
  }
}

function json(status: number, body: unknown): Answer {
  return { status, type: "application/json", body: JSON.stringify(body) };
}

async function inTime(readiness: Promise<Readiness>): Promise<Readiness> {
  const deadline = AbortSignal.timeout(READY_TIMEOUT_MS);
  const late = new Promise<Readiness>((resolve) => {
    deadline.addEventListener("abort", () =>
      resolve({ ready: false, reasons: [`does not know after ${READY_TIMEOUT_MS / 1000} s`] }),
    );
  });
  return await Promise.race([readiness, late]);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
