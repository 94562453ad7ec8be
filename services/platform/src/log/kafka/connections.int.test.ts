import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { Connections } from "./connections.ts";

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
  it("are all closed in the end, those too that came between a failure and its close", async () => {
    const { sockets, server, broker } = await silentBroker();
    const connections = new Connections({ brokers: [], clientId: "test" });
    const first = await connections.get(broker);
    first.emit("error", new Error("the frame was cut"));
    const second = await connections.get(broker);
    expect(second).not.toBe(first);
    const closed = once(first, "close");
    await first.close();
    await closed;
    await connections.close();
    // Resolves when the last connection has ended.
    const ended = once(server, "close");
    server.close();
    await ended;
    expect(sockets).toHaveLength(2);
  }, 10_000);

  it("are closed as they come when the others have been closed before", async () => {
    const { server, broker } = await silentBroker();
    const connections = new Connections({ brokers: [], clientId: "test" });
    const late = connections.get(broker);
    await Promise.allSettled([connections.close(), late]);
    const ended = once(server, "close");
    server.close();
    await expect(ended).resolves.toEqual([]);
  }, 10_000);
});
