import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import {
  ownIdentity,
  type ProcessIdentity,
  readStartToken,
} from "@amc/platform/postgres/process-identity";
import type { StackContext } from "../context.ts";
import { stackHome } from "../home.ts";
import { givenReport } from "../part-control.ts";
import { PART_TITLES, type PartName, type PartReport } from "../parts.ts";
import { settingsFrom } from "../settings.ts";
import { bringUp } from "../up.ts";

/** A server for integration tests, or why there is none. */
export interface TestPart {
  /** What its variable would hold; null when there is none. */
  readonly address: string | null;
  /** Ends the name of a suite that is skipped for lack of it; empty when it is there. */
  readonly skipped: string;
}

/**
 * A server of the stack for tests: the one given by its variable, else one that all tests of this run
 * share. It starts with the first test that asks and goes, with its data, when the run ends, however
 * it ends. Topics, subjects and keys are the tests' own: choose names nobody else has.
 *
 * ```ts
 * const kafka = await testPart("kafka");
 * describe.skipIf(kafka.address === null)(`the log on Kafka${kafka.skipped}`, () => { … });
 * ```
 *
 * With `AMC_REQUIRE_STACK=1` a skipped test is a failure of the run.
 */
export async function testPart(part: PartName): Promise<TestPart> {
  const owner = testRun();
  const home = stackHome(join(tmpdir(), `amc-stack-test-${owner.pid}`));
  const asked = { brokers: undefined, parts: [part], home: home.root };
  const context: StackContext = {
    home,
    settings: {
      ...settingsFrom(loadProcessConfig(), asked),
      withContents: false,
    },
    teller: { note: () => undefined, progress: () => undefined },
  };
  const given = context.settings.given[part];
  const report =
    given === undefined
      ? await startOwn(context, owner)
      : await givenReport(part, given, context.settings);
  if (report === undefined || report.code !== undefined || report.address === null) {
    const reason = (report?.detail ?? "nothing was started").split("\n")[0] ?? "";
    return { address: null, skipped: ` (needs ${PART_TITLES[part]}: ${withoutBrackets(reason)})` };
  }
  return { address: report.address, skipped: "" };
}

async function startOwn(
  context: StackContext,
  owner: ProcessIdentity,
): Promise<PartReport | undefined> {
  endWith(owner, context.home.root);
  const { parts } = await bringUp(context);
  return parts[0];
}

/** The process that ends when the run does: a test file has a worker of its own that ends before. */
function testRun(): ProcessIdentity {
  if (!isMainThread || process.env.VITEST_POOL_ID === undefined) return ownIdentity();
  const startToken = readStartToken(process.ppid);
  return startToken === null ? ownIdentity() : { pid: process.ppid, startToken };
}

/** Several of them do no harm: the first takes everything down, the others find nothing. */
function endWith(owner: ProcessIdentity, home: string): void {
  const program = fileURLToPath(new URL("./owner-watch.ts", import.meta.url));
  const watch = spawn(process.execPath, [program, home, JSON.stringify(owner)], {
    detached: true,
    stdio: "ignore",
  });
  watch.unref();
}

/** The reason of a skip is read out of the brackets that end a name. */
function withoutBrackets(text: string): string {
  return text.replaceAll(/[()]/g, " ").replaceAll(/\s+/g, " ").trim();
}
