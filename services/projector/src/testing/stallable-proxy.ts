import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

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

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
    rmSync(this.directory, { recursive: true, force: true });
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("data", (bytes) => to.write(bytes));
    from.on("end", () => to.end());
    // Either side may be gone at any time; the other is told by the end of its connection.
    from.on("error", () => to.destroy());
    from.on("close", () => this.#sockets.delete(from));
    if (this.#isStalled) from.pause();
  }
}
