import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/**
 * Stands between a pool and its server's socket and can hold everything back, as a network or a
 * machine that hangs: connections are accepted and stay open, and nothing comes of them.
 */
export class StallableProxy {
  /** Where to connect to instead of the server's own directory. */
  readonly directory = mkdtempSync(join(tmpdir(), "amc-proxy-"));
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isStalled = false;
  #delayMs = 0;

  private constructor(target: string) {
    this.#server = createServer((near) => {
      const far = createConnection(target);
      this.#join(near, far);
      this.#join(far, near);
    });
  }

  /** `name` is that of the socket in both directories. */
  static async open(serverDirectory: string, name: string): Promise<StallableProxy> {
    const proxy = new StallableProxy(join(serverDirectory, name));
    proxy.#server.listen(join(proxy.directory, name));
    await once(proxy.#server, "listening");
    return proxy;
  }

  stall(): void {
    this.#isStalled = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** What was held back goes on its way, late. */
  resume(): void {
    this.#isStalled = false;
    for (const socket of this.#sockets) socket.resume();
  }

  /** From now on everything takes so much longer, in either direction. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
    rmSync(this.directory, { recursive: true, force: true });
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    let before: Promise<unknown> = Promise.resolve();
    const inTurn = (send: () => void): void => {
      const due = this.#delayMs === 0 ? undefined : wait(this.#delayMs);
      before = Promise.all([before, due]).then(send);
    };
    from.on("data", (bytes) => inTurn(() => void to.write(bytes)));
    from.on("end", () => inTurn(() => void to.end()));
    // Either side may be gone at any time; the other is told by the end of its connection.
    from.on("error", () => to.destroy());
    from.on("close", () => this.#sockets.delete(from));
    if (this.#isStalled) from.pause();
  }
}
