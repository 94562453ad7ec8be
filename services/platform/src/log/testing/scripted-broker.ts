import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type Broker, Writer } from "@platformatic/kafka";
import { z } from "zod";

const HOST = "127.0.0.1";
const SIZE_BYTES = 4;

/** The body of an answer; null leaves the request without one. */
export type Script = (apiKey: number, request: Buffer) => Promise<Writer | null>;

export interface ScriptedBroker {
  readonly broker: Broker;
  /** `host:port`. */
  readonly address: string;
  /** Requests that came, by their keys. */
  readonly asked: readonly number[];
  readonly close: () => void;
}

/** A broker that answers what a test says, to requests of versions with tagged fields. */
export async function scriptedBroker(script: Script): Promise<ScriptedBroker> {
  const asked: number[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => undefined));
    let bytes = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= SIZE_BYTES && bytes.length >= SIZE_BYTES + bytes.readInt32BE(0)) {
        const end = SIZE_BYTES + bytes.readInt32BE(0);
        const request = bytes.subarray(SIZE_BYTES, end);
        bytes = bytes.subarray(end);
        const [apiKey, correlationId] = [request.readInt16BE(0), request.readInt32BE(4)];
        asked.push(apiKey);
        void script(apiKey, request).then((body) => {
          if (body !== null) socket.write(framed(correlationId, body));
        });
      }
    });
  });
  await once(server.listen(0, HOST), "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    broker: { host: HOST, port },
    address: `${HOST}:${port}`,
    asked,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function framed(correlationId: number, body: Writer): Buffer {
  const answer = Writer.create().appendInt32(correlationId).appendTaggedFields();
  const bytes = Buffer.concat([answer.buffer, body.buffer]);
  const size = Buffer.alloc(SIZE_BYTES);
  size.writeInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}
