import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";

/**
 * Stands between a client and its server on loopback, as a network that hangs, breaks or lies:
 * connections are accepted all the same.
 */
export class FaultyProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isStalled = false;
  #lie: string | null = null;
  #port = 0;
  /** Connections accepted so far. */
  accepted = 0;

  private constructor(targetPort: number) {
    this.#server = createServer((near) => {
      this.accepted += 1;
      const far = createConnection(targetPort, "127.0.0.1");
      this.#join(near, far);
      this.#join(far, near);
      if (this.#lie !== null) near.write(this.#lie);
    });
  }

  static async open(targetPort: number): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(targetPort);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    const address = proxy.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    proxy.#port = address.port;
    return proxy;
  }

  get address() {
    return { host: "127.0.0.1", port: this.#port, tls: false };
  }

  /** Nothing passes any more, in either direction, and nobody is told. */
  stall(): void {
    this.#isStalled = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** What was held back goes on its way, late. */
  resume(): void {
    this.#isStalled = false;
    for (const socket of this.#sockets) socket.resume();
  }

  /** Sends this to every client, now and when it connects, before anything that the server says. */
  lie(text: string): void {
    this.#lie = text;
    for (const socket of this.#sockets) if (socket.localPort === this.#port) socket.write(text);
  }

  tellTheTruth(): void {
    this.#lie = null;
  }

  /** Breaks every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("data", (bytes) => to.write(bytes));
    from.on("end", () => to.end());
    // Either side may be gone at any time; the other is told by the end of its connection.
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    if (this.#isStalled) from.pause();
  }
}
