import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@amc/platform/config/load-config";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { StackContext } from "../context.ts";
import { bringDown } from "../down.ts";
import { makeHome, stackHome } from "../home.ts";
import { settingsFrom } from "../settings.ts";
import { startPostgres } from "./postgres-part.ts";
import { MAX_CONNECTIONS } from "./server-connections.ts";

let context: StackContext;

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), "amc-stack-postgres-"));
  const asked = { home: root, brokers: undefined, parts: ["postgres"] as const };
  const settings = settingsFrom(loadConfig({}), asked);
  const teller = { note: () => undefined, progress: () => undefined };
  context = { home: stackHome(root), settings, teller };
  makeHome(context.home);
});

afterEach(async () => {
  await bringDown(context, true);
});

it("lets in as many connections as three instances of the API and what else there is may open", async () => {
  const { address } = await startPostgres(context);
  const client = new pg.Client({ connectionString: address ?? "" });
  await client.connect();
  const { rows } = await client.query("SHOW max_connections");
  await client.end();
  expect(rows).toEqual([{ max_connections: String(MAX_CONNECTIONS) }]);
});
