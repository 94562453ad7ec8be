import { once } from "node:events";
import { type Connection, ConnectionPool, metadataV12 } from "@platformatic/kafka";
import { describe, expect, it, onTestFinished } from "vitest";
import { type SilentBroker, silentBroker } from "../testing/silent-broker.ts";
import { connectionOptions } from "./client-options.ts";
import { Connections } from "./connections.ts";

async function silent(): Promise<SilentBroker> {
  const one = await silentBroker();
  onTestFinished(one.close);
  return one;
}

describe("connections to a broker", () => {
  it("are all closed in the end, those too that came between a failure and its close", async () => {
    const { sockets, ended, broker } = await silent();
    const connections = new Connections({ brokers: [], clientId: "test" });
    const first = await connections.get(broker);
    first.emit("error", new Error("the frame was cut"));
    const second = await connections.get(broker);
    expect(second).not.toBe(first);
    const closed = once(first, "close");
    await first.close();
    await closed;
    await connections.close();
    await ended();
    expect(sockets).toHaveLength(2);
  }, 10_000);

  it("are closed as they come when the others have been closed before", async () => {
    const { ended, broker } = await silent();
    const connections = new Connections({ brokers: [], clientId: "test" });
    const late = connections.get(broker);
    await Promise.allSettled([connections.close(), late]);
    await expect(ended()).resolves.toBeUndefined();
  }, 10_000);
});

describe("the first broker, when it accepts connections and answers nothing", () => {
  const REQUEST_TIMEOUT_MS = 100;

  /** What a request that nobody answers costs: its connection. */
  async function loseOne(connection: Connection): Promise<void> {
    const closed = once(connection, "close");
    const asked = metadataV12.api.async(connection, [], false, false);
    await expect(asked).rejects.toThrow("Request timed out");
    await closed;
  }

  async function two() {
    const [hung, other] = [await silent(), await silent()];
    const brokers = [hung.address, other.address];
    return {
      hung,
      other,
      given: { brokers, clientId: "test", requestTimeoutMs: REQUEST_TIMEOUT_MS },
    };
  }

  it("is passed over by who asks next, until the others have failed as well", async () => {
    const { hung, other, given } = await two();
    const connections = new Connections(given);
    onTestFinished(() => connections.close());
    const ports: (number | undefined)[] = [];
    const askAll = connections.ask(async (connection) => {
      ports.push(connection.port);
      return metadataV12.api.async(connection, [], false, false);
    });
    await expect(askAll).rejects.toThrow("No broker answers");
    const next = await connections.ask(async (connection) => connection.port);
    expect([...ports, next]).toEqual([hung.broker.port, other.broker.port, hung.broker.port]);
  });

  it("keeps no request from the others, though many came at once", async () => {
    const { hung, other, given } = await two();
    const connections = new Connections(given);
    onTestFinished(() => connections.close());
    const asked = Array.from({ length: 10 }, () =>
      connections.ask(async (connection) => {
        if (connection.port === other.broker.port) return "answered";
        return metadataV12.api.async(connection, [], false, false);
      }),
    );
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 10 }, () => "answered"));
    expect(hung.sockets).toHaveLength(1);
  });

  it("control: is chosen by the client itself each time", async () => {
    const { hung, other, given } = await two();
    const pool = new ConnectionPool("test", connectionOptions(given));
    onTestFinished(() => pool.close());
    for (let tries = 0; tries < 3; tries += 1) {
      await loseOne(await pool.getFirstAvailable([hung.broker, other.broker]));
    }
    expect([hung.sockets.length, other.sockets.length]).toEqual([3, 0]);
  });
});
