import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface LocalServer {
  readonly origin: string;
  /** Requests so far. */
  readonly requests: () => number;
  close(): Promise<void>;
}

/** A server on loopback; `answer` gets path with query, and the whole body. */
export async function startServer(
  answer: (path: string, response: ServerResponse, body: string) => void,
): Promise<LocalServer> {
  let requests = 0;
  const server: Server = createServer((request, response) => {
    requests += 1;
    // The other side hangs up in many cases; that is what they are about.
    response.on("error", () => response.destroy());
    const parts: string[] = [];
    request.setEncoding("utf8");
    request.on("data", (part: string) => parts.push(part));
    request.on("end", () => answer(request.url ?? "/", response, parts.join("")));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const port = portOf(server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    requests: () => requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return address.port;
}
