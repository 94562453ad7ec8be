import { once } from "node:events";
import {
  createConnection,
  createServer,
  type NetConnectOpts,
  type Server,
  type Socket,
} from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** A line that lets so many bytes pass, and the next ones only after a while. */
export interface Pace {
  readonly bytes: number;
  readonly everyMs: number;
}

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
  /** Bytes that still pass before every connection breaks. */
  #cutAfter: number | null = null;
  #pace: (Pace & { readonly over: PromiseWithResolvers<"over"> }) | null = null;
  /** Connections from which nothing passes any more, ever. */
  readonly #forgotten = new WeakSet<Socket>();
  /** Connections accepted so far. */
  accepted = 0;

  private constructor(target: () => NetConnectOpts) {
    this.#server = createServer((near) => {
      this.accepted += 1;
      const far = createConnection(target());
      this.#join(near, far);
      this.#join(far, near);
      if (this.#lie !== null) near.write(this.#lie);
    });
  }

  /** `target` is a port of this machine, or says for each connection where it leads. */
  static async open(target: number | (() => NetConnectOpts)): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(
      typeof target === "number" ? () => ({ port: target, host: "127.0.0.1" }) : target,
    );
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
    for (const socket of this.#sockets) {
      // Only TCP knows a reset; the socket of a file has no port.
      if (socket.localPort === undefined) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  /** Breaks every connection in the middle of what is sent next. */
  cutWithin(bytes: number): void {
    this.#cutAfter = bytes;
  }

  /** Nothing passes any more on the connections that exist, though they stay; new ones are sound. */
  forget(): void {
    for (const socket of this.#sockets) this.#forgotten.add(socket);
  }

  /** Lets bytes through in small pieces, or late; null ends that, and what waits goes on at once. */
  slowDown(pace: Pace | null): void {
    this.#pace?.over.resolve("over");
    this.#pace = pace === null ? null : { ...pace, over: Promise.withResolvers<"over">() };
  }

  async close(): Promise<void> {
    this.slowDown(null);
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("data", (bytes: Buffer) => this.#pass(bytes, from, to));
    from.on("end", () => to.end());
    // Either side may be gone at any time; the other is told by the end of its connection.
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    if (this.#isStalled) from.pause();
  }

  #pass(bytes: Buffer, from: Socket, to: Socket): void {
    if (this.#forgotten.has(from)) return;
    if (this.#cutAfter !== null && this.#cutAfter < bytes.length) {
      to.write(bytes.subarray(0, this.#cutAfter));
      this.#cutAfter = null;
      // What was let through is to arrive before the end does.
      setImmediate(() => this.cut());
      return;
    }
    if (this.#pace === null) to.write(bytes);
    else void this.#passSlowly(bytes, from, to);
  }

  async #passSlowly(bytes: Buffer, from: Socket, to: Socket): Promise<void> {
    from.pause();
    for (let at = 0; at < bytes.length; ) {
      const pace = this.#pace;
      if (pace === null) {
        to.write(bytes.subarray(at));
        break;
      }
      const woken = await Promise.race([wait(pace.everyMs), pace.over.promise]);
      if (woken === "over") continue;
      to.write(bytes.subarray(at, at + pace.bytes));
      at += pace.bytes;
    }
    if (!this.#isStalled) from.resume();
  }
}
