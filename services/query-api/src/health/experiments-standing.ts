import type { Log } from "@amc/platform/log/port";
import { readPartition } from "@amc/platform/log/read-partition";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { newestTickMs } from "@amc/platform/runtime/stage-lag";
import { ExperimentsInForce } from "@amc/streams/experiments/experiments-in-force";
import { statusAt } from "@amc/streams/experiments/plan";
import type { StageEvent } from "@amc/streams/kernel/stage";
import { DEFAULT_SCORING } from "@amc/streams/scoring/config";
import { SettingsInForce } from "@amc/streams/scoring/settings";
import type { ApiContext } from "../context.ts";
import { time } from "../json/event-json.ts";
import type { Component } from "./component.ts";

const CONTROL = "ops.control.v1";
const LIMITS = { maxRecords: 1_000, maxBytes: 1024 * 1024 };

/** What operators have decided about experiments, as the log says. */
interface ExperimentsStanding {
  /** False while AB_TESTING_ENABLED or the setting `experiments` says so. */
  readonly areOn: boolean;
  readonly experiments: ExperimentsInForce;
}

/** Decisions are few and in every partition: the first is read from its beginning. */
async function experimentsStanding({
  log,
  config,
}: Pick<ApiContext, "log" | "config">): Promise<ExperimentsStanding> {
  const configured = { ...DEFAULT_SCORING, experiments: config.experimentsEnabled };
  const settings = new SettingsInForce("standing", configured);
  const experiments = new ExperimentsInForce("standing");
  for await (const event of controlsOf(log)) {
    // Each takes what is about it.
    settings.apply(event);
    experiments.apply(event);
  }
  return { areOn: settings.config.experiments, experiments };
}

/** What operators have decided, in the order of the log; what cannot be read is in force nowhere. */
export async function* controlsOf(log: Log): AsyncGenerator<StageEvent<"ops.control.v1">> {
  for await (const record of readPartition(log, CONTROL, 0, LIMITS)) {
    const decoded = decodeRecord(record, false);
    if (decoded.ok && decoded.event.topic === CONTROL) yield decoded.event;
  }
}

/** Whether runs are shared among strategies just now, by event time. */
export async function probeExperiments(context: ApiContext): Promise<Component> {
  const { areOn, experiments } = await experimentsStanding(context);
  if (!areOn) return healthy("off: every run takes the strategy in force");
  const reachedMs = await newestTickMs(context.log);
  const running = experiments.runningAt(reachedMs);
  if (running !== null) {
    const { name, plan } = running;
    const arms = plan.split.map(({ strategy, weight }) => `${strategy} ${weight} %`).join(", ");
    return healthy(`${name} runs until ${time(plan.endAt)}: ${arms}`);
  }
  const paused = experiments.known.filter(({ plan }) => statusAt(plan, reachedMs) === "PAUSED");
  if (paused.length === 0) return healthy("no experiment runs");
  return healthy(`no experiment runs; paused: ${paused.map(({ name }) => name).join(", ")}`);
}

function healthy(detail: string): Component {
  return { status: "healthy", detail };
}
