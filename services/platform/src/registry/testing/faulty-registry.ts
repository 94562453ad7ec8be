import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { text as textOf } from "node:stream/consumers";
import type { TlsOptions } from "node:tls";

export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server on loopback that answers as a test tells it to, and counts what it is asked. */
export class FaultyRegistry {
  readonly asked: string[] = [];
  readonly #server: Server;
  readonly #isSecure: boolean;
  #answer: Answering;
  #port = 0;

  private constructor(answer: Answering, tls: TlsOptions | null) {
    this.#answer = answer;
    this.#isSecure = tls !== null;
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      this.asked.push(`${request.method} ${request.url}`);
      this.#answer(request, response);
    };
    this.#server = tls === null ? createServer(listener) : createSecureServer(tls, listener);
  }

  /** `tls` has key and certificate of a server that is spoken to by https. */
  static async open(answer: Answering, tls: TlsOptions | null = null): Promise<FaultyRegistry> {
    const registry = new FaultyRegistry(answer, tls);
    registry.#server.listen(0, "127.0.0.1");
    await once(registry.#server, "listening");
    const address = registry.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    registry.#port = address.port;
    return registry;
  }

  get url(): string {
    return `${this.#isSecure ? "https" : "http"}://127.0.0.1:${this.#port}`;
  }

  answerWith(answer: Answering): void {
    this.#answer = answer;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

export function json(status: number, body: unknown): Answering {
  return text(status, JSON.stringify(body), "application/vnd.schemaregistry.v1+json");
}

export function text(status: number, body: string, type = "text/html"): Answering {
  return (_, response) => response.writeHead(status, { "content-type": type }).end(body);
}

/** Hands every request on to another server, and its answer back; breaks off where that one does. */
export function handOnTo(target: string): Answering {
  return (request, response) => {
    answerFrom(target, request, response).catch(() => response.destroy());
  };
}

async function answerFrom(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = "GET", url = "" } = request;
  const body = method === "GET" ? null : await textOf(request);
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${target}${url}`, { method, headers, body });
  response.writeHead(answer.status).end(await answer.text());
}
