import { migrateUp } from "@amc/platform/postgres/migrate";
import { testPart } from "@amc/stack/testing/test-part";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { API_CONNECTIONS } from "../database.ts";
import { openRealStack, type RealStack, stackParts } from "../testing/real-stack.ts";
import { ServiceProcess, textIn } from "../testing/service-process.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const postgres = await testPart("postgres");
const skipped = [...stackParts, postgres].map((part) => part.skipped).join("");

/** R-OPS-02. */
const INSTANCES = 3;
/** At each of them at a time, more than it has connections for. */
const REQUESTS = API_CONNECTIONS + 10;
/** Each asks for what nobody has asked for before; a client may ask 600 times a minute. */
const ROUNDS_MAX = 9;

describe.skipIf(skipped !== "")(`three API processes that are busy at once${skipped}`, () => {
  let stack: RealStack;

  beforeAll(async () => {
    stack = await openRealStack();
  });
  afterAll(async () => {
    await stack?.close();
  });

  async function busyOn(databaseUrl: string) {
    const environment = { ...stack.environment, DATABASE_URL: databaseUrl, LOG_LEVEL: "warn" };
    const apis = new ServiceProcess(["api", "--instances", String(INSTANCES)], environment);
    onTestFinished(() => apis.kill());
    const told = await apis.said("service", INSTANCES);
    /** Statuses of the answers to a round of questions, all put at once. */
    const ask = async (round: number): Promise<ReadonlySet<number>> => {
      const asked = told.flatMap((line) =>
        Array.from({ length: REQUESTS }, async (_, index) => {
          const path = `/recommendations?symbol=${"ABCDEFGHI"[round]}${index}`;
          const answer = await fetch(textIn(line, "address") + path);
          await answer.arrayBuffer();
          return answer.status;
        }),
      );
      return new Set(await Promise.all(asked));
    };
    return { apis, ask };
  }

  it("have 150 connections to the server of a stack, and everybody is answered", async () => {
    const databaseUrl = postgres.address ?? "";
    await migrateUp({ connectionString: databaseUrl });
    const { apis, ask } = await busyOn(databaseUrl);
    const observer = new pg.Client({ connectionString: databaseUrl });
    await observer.connect();
    onTestFinished(() => observer.end());
    // A connection that was opened stays for half a minute.
    const count =
      "SELECT count(*)::int4 AS open FROM pg_stat_activity WHERE application_name = 'amc-api'";
    let open = 0;
    for (let round = 0; round < ROUNDS_MAX && open < INSTANCES * API_CONNECTIONS; round += 1) {
      expect(await ask(round), apis.log.slice(-2_000)).toEqual(new Set([200]));
      open = (await observer.query<{ open: number }>(count)).rows[0]?.open ?? 0;
    }
    expect(open).toBe(INSTANCES * API_CONNECTIONS);
  });

  it("control: are turned away by a server that lets in what PostgreSQL does by itself", async () => {
    const { apis, ask } = await busyOn(stack.database.url("migrator"));
    const statuses = await ask(0);
    expect(statuses).toContain(503);
    // too_many_connections
    expect(apis.log).toContain('"53300"');
  });
});
