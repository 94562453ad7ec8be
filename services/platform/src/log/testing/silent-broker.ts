import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { Broker } from "@platformatic/kafka";
import { z } from "zod";

const HOST = "127.0.0.1";

export interface SilentBroker {
  readonly broker: Broker;
  /** `host:port`. */
  readonly address: string;
  /** All connections that it ever accepted. */
  readonly sockets: readonly Socket[];
  /** Takes no more connections; resolves when the last one has ended. */
  readonly ended: () => Promise<void>;
  readonly close: () => void;
}

/** A broker as a stopped process is one: connections to it are accepted, and no request is answered. */
export async function silentBroker(): Promise<SilentBroker> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on("error", () => undefined)));
  await once(server.listen(0, HOST), "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    broker: { host: HOST, port },
    address: `${HOST}:${port}`,
    sockets,
    ended: async () => {
      const closed = once(server, "close");
      server.close();
      await closed;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
