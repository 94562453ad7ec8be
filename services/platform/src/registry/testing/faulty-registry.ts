import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server on loopback that answers as a test tells it to, and counts what it is asked. */
export class FaultyRegistry {
  readonly asked: string[] = [];
  readonly #server: Server;
  #answer: Answering;
  #port = 0;

  private constructor(answer: Answering) {
    this.#answer = answer;
    this.#server = createServer((request, response) => {
      this.asked.push(`${request.method} ${request.url}`);
      this.#answer(request, response);
    });
  }

  static async open(answer: Answering): Promise<FaultyRegistry> {
    const registry = new FaultyRegistry(answer);
    registry.#server.listen(0, "127.0.0.1");
    await once(registry.#server, "listening");
    const address = registry.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    registry.#port = address.port;
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
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
