import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Size, then what kind of request it is, its version and the number by which its answer is known. */
const SIZE_BYTES = 4;
const KIND_AT = 4;
const NUMBER_AT = 8;

export interface WithholdingProxy {
  readonly port: number;
  /** Kinds of the requests that went through, by Kafka's numbers, in their order. */
  readonly asked: number[];
  /** The next answer to a request of this kind is kept back; the broker has done what it was asked. */
  readonly withholdNext: (kind: number) => void;
  readonly close: () => Promise<void>;
}

/** Stands between a client and one broker, and understands as much of what they say as to keep one answer back. */
export async function withholdingProxy(broker: string): Promise<WithholdingProxy> {
  const [host = "", port = ""] = broker.split(":");
  const asked: number[] = [];
  const sockets = new Set<Socket>();
  let withheld: number | null = null;
  const server = createServer((client) => {
    const upstream = connect({ host, port: Number(port) });
    const kept = new Set<number>();
    const requests = messages((request) => {
      const kind = request.readInt16BE(KIND_AT);
      asked.push(kind);
      if (kind === withheld) {
        kept.add(request.readInt32BE(NUMBER_AT));
        withheld = null;
      }
      upstream.write(request);
    });
    const answers = messages((answer) => {
      if (!kept.delete(answer.readInt32BE(SIZE_BYTES))) client.write(answer);
    });
    client.on("data", requests);
    upstream.on("data", answers);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      // A connection that breaks ends the other half; whoever asked notices.
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: portOf(server.address()),
    asked,
    withholdNext: (kind) => {
      withheld = kind;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string")
    throw new TypeError("no port is listened on");
  return address.port;
}

/** Puts what comes in pieces together to whole messages, each with its size before it. */
function messages(onMessage: (message: Buffer) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= SIZE_BYTES) {
      const end = SIZE_BYTES + rest.readInt32BE(0);
      if (rest.length < end) return;
      onMessage(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  };
}
