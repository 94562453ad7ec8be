import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { Cluster } from "./cluster.ts";

const HOST = "127.0.0.1";

/** A broker as far as connections go: it accepts them and says nothing. */
async function silentBroker() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on("error", () => undefined)));
  await once(server.listen(0, HOST), "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return { sockets, server, broker: { host: HOST, port } };
}

describe("connections to a broker", () => {
  it("are all closed with the cluster, those too that came between a failure and its close", async () => {
    const { sockets, server, broker } = await silentBroker();
    const cluster = new Cluster({ brokers: [`${HOST}:${broker.port}`], clientId: "test" });
    const first = await cluster.connection(broker);
    first.emit("error", new Error("the frame was cut"));
    const second = await cluster.connection(broker);
    expect(second).not.toBe(first);
    const closed = once(first, "close");
    await first.close();
    await closed;
    await cluster.close();
    // Resolves when the last connection has ended.
    const ended = once(server, "close");
    server.close();
    await ended;
    expect(sockets).toHaveLength(2);
  }, 10_000);
});
