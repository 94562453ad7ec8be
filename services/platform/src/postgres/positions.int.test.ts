import pg, { type Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimPartition, readPositions } from "./positions.ts";
import { startTestPostgres, type TestDatabase } from "./testing.ts";

let database: TestDatabase;
let first: Client;
let second: Client;

beforeEach(async () => {
  database = await startTestPostgres();
  [first, second] = [await connect(), await connect()];
});

afterEach(async () => {
  await first.end();
  await second.end();
  await database.drop();
});

async function connect(): Promise<Client> {
  const client = new pg.Client(database.connection("projector"));
  await client.connect();
  return client;
}

const STEP = `UPDATE projection_positions SET next_offset = $1
  WHERE projection = 'prices' AND partition = 0 AND next_offset = $2 AND epoch = $3`;

describe("taking a partition over", () => {
  it("gives every owner an epoch of its own, also across partitions and projections", async () => {
    expect(await claimPartition(first, "prices", 0, "a")).toBe(1);
    expect(await claimPartition(second, "prices", 0, "b")).toBe(2);
    expect(await claimPartition(second, "prices", 1, "b")).toBe(1);
    expect(await claimPartition(second, "runs", 0, "b")).toBe(1);
  });

  it("makes the next step of the earlier owner write nothing", async () => {
    const old = await claimPartition(first, "prices", 0, "a");
    await first.query(
      "INSERT INTO projection_positions (projection, topic, partition, next_offset, epoch) VALUES ('prices', 't', 0, 5, $1)",
      [old],
    );
    const now = await claimPartition(second, "prices", 0, "b");
    expect((await first.query(STEP, [9, 5, old])).rowCount).toBe(0);
    expect((await second.query(STEP, [9, 5, now])).rowCount).toBe(1);
    expect(await readPositions(second, "prices")).toMatchObject([
      { topic: "t", partition: 0, nextOffset: 9, epoch: 2, appliedThrough: null },
    ]);
  });

  it("waits for a step that is being committed, and goes on behind it", async () => {
    const old = await claimPartition(first, "prices", 0, "a");
    await first.query(
      "INSERT INTO projection_positions (projection, topic, partition, next_offset, epoch) VALUES ('prices', 't', 0, 5, $1)",
      [old],
    );
    await first.query("BEGIN");
    await first.query(STEP, [7, 5, old]);
    const claim = claimPartition(second, "prices", 0, "b");
    await first.query("COMMIT");
    await claim;
    expect(await readPositions(second, "prices")).toMatchObject([{ nextOffset: 7, epoch: 2 }]);
  });
});
