/**
 * Takes the servers of a test run down when the run ends, a kill of it included. Started detached by
 * `test-part.ts` with the home of the servers and the identity of the run.
 */
import { setTimeout as delay } from "node:timers/promises";
import { loadConfig } from "@amc/platform/config/load-config";
import { isAlive, isProcessIdentity } from "@amc/platform/postgres/process-identity";
import { bringDown } from "../down.ts";
import { stackHome } from "../home.ts";
import { PART_NAMES } from "../parts.ts";
import { settingsFrom } from "../settings.ts";
import { endContained } from "./contained-part.ts";

const POLL_MS = 500;

const [, , home = "", identity = "null"] = process.argv;
const owner: unknown = JSON.parse(identity);
if (!isProcessIdentity(owner))
  throw new TypeError("the second argument is the identity of the run");

while (isAlive(owner)) await delay(POLL_MS);
const settings = settingsFrom(loadConfig({}), { brokers: undefined, parts: PART_NAMES, home });
const teller = { note: () => undefined, progress: () => undefined };
const context = { home: stackHome(home), settings, teller };
try {
  await endContained(context);
} finally {
  await bringDown(context, true);
}
