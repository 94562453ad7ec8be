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
import { containersWished, type StackSettings, settingsFrom } from "../settings.ts";
import { bringUp } from "../up.ts";
import { type ContainedPart, containedPart } from "./contained-part.ts";

/** A server for integration tests, or why there is none. */
export interface TestPart {
  /** What its variable would hold; null when there is none. */
  readonly address: string | null;
  /** Ends the name of a suite that is skipped for lack of it; empty when it is there. */
  readonly skipped: string;
}

/**
 * A server of the stack for tests: the one given by its variable, else one that all tests of this run
 * share, in containers by testcontainers where an engine answers and has the images, else native.
 * `AMC_STACK_RUNNER` asks for one of both, and images are loaded for `containers` alone. It starts with the first test that asks and goes, with its data, when the run ends,
 * however it ends. Topics, subjects and keys are the tests' own: choose names nobody else has.
 *
 * A test that stops, stalls, kills or sets up servers needs processes: `ownKafka` and its like are
 * native, whatever engine there is.
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
  const variables = loadProcessConfig();
  const asked = { brokers: undefined, parts: [part], home: home.root };
  const context: StackContext = {
    home,
    settings: { ...settingsFrom(variables, asked), withContents: false },
    teller: { note: () => undefined, progress: () => undefined },
  };
  const given = context.settings.given[part];
  if (given !== undefined)
    return asTestPart(part, await givenReport(part, given, context.settings));
  endWith(owner, home.root);
  const wish = containersWished(variables);
  const onStart = (contained: ContainedPart) => say(startLine(part, contained, wish));
  const onLoad = (images: readonly string[]) => say(loadLine(part, images));
  const start = { part, wish, owner, onLoad, onStart };
  const { address, refusal } = await containedPart(context, start);
  if (address !== null) return { address, skipped: "" };
  if (wish === "always") return missing(part, refusal ?? "there is no docker here");
  return asTestPart(part, (await bringUp(context)).parts[0]);
}

function asTestPart(part: PartName, report: PartReport | undefined): TestPart {
  if (report === undefined) return missing(part, "nothing was started");
  const { address, code, detail } = report;
  if (address === null || code !== undefined) return missing(part, detail);
  return { address, skipped: "" };
}

function missing(part: PartName, reason: string): TestPart {
  return { address: null, skipped: needs(PART_TITLES[part], reason) };
}

/** The end of the name of a suite that is skipped; its reason is read out of these brackets. */
export function needs(what: string, reason: string): string {
  return ` (needs ${what}: ${withoutBrackets(reason.split("\n")[0] ?? "")})`;
}

function loadLine(part: PartName, images: readonly string[]): string {
  const title = `${PART_TITLES[part]} for tests`;
  return `${title}: loading ${images.join(", ")}, because AMC_STACK_RUNNER is containers`;
}

/** What runs a part for the tests of this run, and why not containers where one would expect them. */
function startLine(
  part: PartName,
  { project, address, refusal }: ContainedPart,
  wish: StackSettings["containers"],
): string {
  const title = `${PART_TITLES[part]} for tests`;
  if (address !== null) return `${title}: in containers (${project})`;
  const reason = refusal ?? "there is no docker here";
  if (wish === "always") return `${title}: none, because AMC_STACK_RUNNER is containers: ${reason}`;
  return `${title}: native (${reason})`;
}

/** Not by the console, which names the test file before each line: it is of the whole run. */
const say = (line: string) => process.stderr.write(`${line}\n`);

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

function withoutBrackets(text: string): string {
  return text.replaceAll(/[()]/g, " ").replaceAll(/\s+/g, " ").trim();
}
