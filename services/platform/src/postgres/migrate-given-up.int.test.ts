import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { migrateUp } from "./migrate.ts";
import { startTestPostgres } from "./testing.ts";

const REASON = new Error("Ctrl-C");
/** Has the login of a server without a password, `ReadyForQuery` included. */
const WELCOME = Buffer.from("520000000800000000" + "5a0000000549", "hex");

it.each([
  ["from the start", null],
  ["after the login", WELCOME],
])(
  "a server that is silent %s is left at once when the migration is given up",
  async (_since, welcome) => {
    const stop = new AbortController();
    const server = createServer((socket) => {
      socket.once("data", () => {
        if (welcome === null) return stop.abort(REASON);
        socket.once("data", () => stop.abort(REASON));
        socket.write(welcome);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const config = { host: "127.0.0.1", port, user: "amc", database: "amc" };
    await expect(migrateUp(config, { signal: stop.signal })).rejects.toBe(REASON);
    const closed = once(server, "close");
    server.close();
    // The connection, too, is gone.
    await closed;
  },
);

it("nobody waits any longer for another process that migrates when the migration is given up", async () => {
  const database = await startTestPostgres();
  const observer = database.pool("superuser");
  const others = await observer.connect();
  await others.query("SELECT pg_advisory_lock($1)", [0x616d6301]);
  const stop = new AbortController();
  const migrating = migrateUp(database.connection("migrator"), { signal: stop.signal });
  const settled = Promise.allSettled([migrating]);
  const waiting = async () =>
    (await observer.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
      .rowCount;
  await expect.poll(waiting).toBe(1);
  stop.abort(REASON);
  expect(await settled).toEqual([{ status: "rejected", reason: REASON }]);
  others.release(true);
  expect(await migrateUp(database.connection("migrator"))).toEqual([]);
  await database.drop();
});

it("a migration that was given up before it began asks nobody, and tells so", async () => {
  const config = { host: "127.0.0.1", port: 9 };
  const signal = AbortSignal.abort(REASON);
  await expect(migrateUp(config, { signal })).rejects.toBe(REASON);
  // The control: what has not been given up fails of what it met.
  const { signal: still } = new AbortController();
  await expect(migrateUp(config, { signal: still })).rejects.toMatchObject({
    code: "postgres.cannot-connect",
  });
});
