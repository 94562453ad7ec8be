import { join } from "node:path";
import type { KafkaConnection } from "@amc/platform/log/kafka/client-options";
import { brokerList, type KafkaAccess } from "@amc/platform/log/kafka/connection";
import { startContainers } from "./containers/part-containers.ts";
import {
  chooseRunner,
  forgetContainers,
  type Runner,
  recordContainers,
  recordedPorts,
  runnerOf,
} from "./containers/runner.ts";
import type { StackContext } from "./context.ts";
import { StackError } from "./errors.ts";
import { makeHome, writeWhole } from "./home.ts";
import { withHomeLock } from "./home-lock.ts";
import { requirePortsFit, tellOtherPorts } from "./named-ports.ts";
import { givenReport, PART_CONTROLS } from "./part-control.ts";
import { PART_NAMES, PART_VARIABLES, type PartName, type PartReport } from "./parts.ts";
import { provideSystemTopics } from "./provide-topics.ts";
import { provideSchemas } from "./registry/provide-schemas.ts";
import { statusOfParts } from "./status.ts";

export interface UpReport {
  readonly runner: Runner;
  readonly parts: readonly PartReport[];
  /** What was put into the parts, in words; null for a part that is not there. */
  readonly topics: string | null;
  readonly schemas: string | null;
  /** Why topics or schemas are not as they have to be; the parts run all the same. */
  readonly refusal: StackError | null;
}

/**
 * Starts what is asked for, was not given and does not run; then topics and schemas.
 *
 * @throws ConfigError when the ports that variables name do not fit
 */
export function bringUp(context: StackContext): Promise<UpReport> {
  makeHome(context.home);
  const onWait = (pid: number) => context.teller.note(`waiting for process ${pid}, which is at it`);
  return withHomeLock(context.home, onWait, async () => {
    requirePortsFit(context);
    const runner = await chooseRunner(context);
    const parts = await bringParts(context, runner);
    tellOtherPorts(context, parts);
    await writeAddresses(context);
    const nothing = { topics: null, schemas: null, refusal: null };
    return {
      runner,
      parts,
      ...(context.settings.withContents ? await fill(context, parts) : nothing),
    };
  });
}

async function bringParts(context: StackContext, runner: Runner): Promise<PartReport[]> {
  const { home, settings } = context;
  if (runner === "processes") {
    return Promise.all(settings.parts.map((part) => bringPart(context, part)));
  }
  const isNew = runnerOf(home) === null;
  recordContainers(home, recordedPorts(home));
  try {
    return await startContainers(context);
  } catch (error) {
    // Nothing was made, so the next call may do as it likes.
    if (isNew) forgetContainers(home);
    throw error;
  }
}

/** One part that fails must not take those with it that others could use. */
async function bringPart(context: StackContext, part: PartName): Promise<PartReport> {
  const address = context.settings.given[part];
  if (address !== undefined) return givenReport(part, address, context.settings);
  try {
    return await PART_CONTROLS[part].start(context);
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    const isMissing = error instanceof StackError && error.code === "stack.not-installed";
    return {
      part,
      state: isMissing ? "missing" : "failed",
      address: null,
      detail: error.message,
      pids: [],
      code: String(error.code),
    };
  }
}

async function fill(
  context: StackContext,
  parts: readonly PartReport[],
): Promise<Omit<UpReport, "parts" | "runner">> {
  const { settings } = context;
  const { kafkaAccess, authorities } = settings;
  const brokers = addressOf(parts, "kafka");
  const registry = addressOf(parts, "registry");
  try {
    const [topics, schemas] = await Promise.all([
      brokers === null ? null : provideSystemTopics(clusterAt(brokers, kafkaAccess), settings),
      registry === null ? null : provideSchemas(registry, authorities),
    ]);
    return { topics, schemas, refusal: null };
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    return { topics: null, schemas: null, refusal: error };
  }
}

function clusterAt(brokers: string, access: KafkaAccess): KafkaConnection {
  return { brokers: brokerList(brokers), clientId: "amc-stack", ...access };
}

/** Where a part answers; null when it does not. */
function addressOf(parts: readonly PartReport[], name: PartName): string | null {
  const found = parts.find(({ part }) => part === name);
  return found === undefined || found.state === "failed" ? null : found.address;
}

/**
 * The variables as `node --env-file` and shells read them, of the parts that this call was not about
 * too. It holds a password.
 */
async function writeAddresses(context: StackContext): Promise<void> {
  const parts = await statusOfParts({
    ...context,
    settings: { ...context.settings, parts: PART_NAMES },
  });
  const lines = parts.flatMap(({ part, state, address }) =>
    address === null || state === "failed" ? [] : [`${PART_VARIABLES[part]}=${address}`],
  );
  writeWhole(join(context.home.root, "stack.env"), `${lines.join("\n")}\n`);
}
