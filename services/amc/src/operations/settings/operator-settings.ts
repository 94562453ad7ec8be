import type { Log } from "@amc/platform/log/port";
import { readPartition } from "@amc/platform/log/read-partition";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import type { Decision } from "@amc/query-api/control/decision";
import { encodeEvent } from "@amc/schemas/codec";
import type { Control } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { ExperimentsInForce } from "@amc/streams/experiments/experiments-in-force";
import { statusAt } from "@amc/streams/experiments/plan";
import type { ExperimentDefaults } from "@amc/streams/experiments/plan-change";
import { experimentOfSetting, settingOfExperiment } from "@amc/streams/experiments/setting-name";
import { uuidOf } from "@amc/streams/kernel/ids";
import type { ScoringConfig } from "@amc/streams/scoring/config";
import { SETTINGS, SettingsInForce } from "@amc/streams/scoring/settings";
import { periodOfSetting } from "@amc/streams/short-interest/schedule-override";
import { decidedValue, planInWords } from "./experiment-decision.ts";
import { newestTickMs } from "./newest-tick.ts";

const CONTROL = "ops.control.v1";
const LIMITS = { maxRecords: 1_000, maxBytes: 1024 * 1024 };

/** One setting as the log says it is. */
export interface SettingStanding {
  readonly setting: string;
  readonly value: string;
  /** Null for an experiment and for a period of FINRA's schedule: nobody configures one. */
  readonly configured: string | null;
  /** The newest decision about it; null when it was never changed. */
  readonly decision: Control | null;
  /** False while no tick has covered the decision yet. */
  readonly isInForce: boolean;
}

/**
 * Appends a decision to every partition in one commit, so that all follow it from the same tick.
 * It takes effect in event time, right after the newest tick: settings of a replay of history must
 * not wait for the day on which they were typed. Returns null, and appends nothing, while the log
 * has no tick.
 *
 * @throws ApiError `refused` when an experiment cannot change so; then nothing is appended
 */
export async function publishDecision(
  log: Log,
  decision: Decision,
  defaults: ExperimentDefaults,
): Promise<Control | null> {
  const tickMs = await newestTickMs(log);
  if (tickMs === null) return null;
  const earlier = await decisionsOf(log);
  // Two decisions between the same ticks keep their order.
  const at = Math.max(tickMs, ...earlier.map(({ publishedAt }) => publishedAt)) + 1;
  const value = decidedValue(decision, earlier, at, defaults);
  const control: Control = { ...decision, value, happenedAt: at, publishedAt: at };
  const { setting } = decision;
  const headers = eventHeaders({
    id: uuidOf(`control/${setting}/${value}/${at}`),
    source: "/amc/operator",
    topic: CONTROL,
    happenedAt: at,
  });
  const record = { topic: CONTROL, key: setting, value: encodeEvent(CONTROL, control), headers };
  await log.commit({
    appends: Array.from({ length: log.partitions(CONTROL) }, (_, partition) => ({
      ...record,
      partition,
    })),
  });
  return control;
}

/** Publishes one decision after the other, in the order of the calls, beside whatever else writes. */
export function decisionsInTurn(
  log: Log,
  defaults: ExperimentDefaults,
): (decision: Decision) => Promise<Control | null> {
  let earlier: Promise<unknown> = Promise.resolve();
  return (decision) => {
    const published = earlier.then(() => publishDecision(log, decision, defaults));
    // Whoever made it hears of its failure; the next decision is not to blame.
    earlier = Promise.allSettled([published]);
    return published;
  };
}

/**
 * Every setting with its value: the configured one, or what operators have decided since; then every
 * experiment, as it stands at the newest tick, and every period that is decided by hand.
 */
export async function standingSettings(
  log: Log,
  configured: ScoringConfig,
): Promise<readonly SettingStanding[]> {
  const tickMs = await newestTickMs(log);
  const settings = new SettingsInForce("standing", configured);
  const experiments = new ExperimentsInForce("standing");
  const newest = new Map<string, Control>();
  const periods = new Map<string, Control>();
  for (const [index, control] of (await decisionsOf(log)).entries()) {
    if (periodOfSetting(control.setting) !== null) {
      periods.set(control.setting, control);
      continue;
    }
    const id = String(index).padStart(16, "0");
    const event = { topic: CONTROL, id, key: control.setting, value: control } as const;
    const isExperiment = experimentOfSetting(control.setting) !== null;
    const outcome = isExperiment ? experiments.apply(event) : settings.apply(event);
    if (outcome.type === "done") newest.set(control.setting, control);
  }
  const reachedMs = tickMs ?? Number.NEGATIVE_INFINITY;
  const decided = (setting: string) => {
    const decision = newest.get(setting) ?? periods.get(setting) ?? null;
    return { decision, isInForce: decision === null || decision.publishedAt <= reachedMs };
  };
  const standing = Object.entries(SETTINGS).map(([setting, { of }]) => {
    return { setting, value: of(settings.config), configured: of(configured), ...decided(setting) };
  });
  const planned = experiments.known.map(({ name, plan }) => {
    const setting = settingOfExperiment(name);
    const value = planInWords(plan, statusAt(plan, reachedMs));
    return { setting, value, configured: null, ...decided(setting) };
  });
  const byHand = [...periods.values()].flatMap(({ setting, value }) =>
    value === null ? [] : [{ setting, value, configured: null, ...decided(setting) }],
  );
  return [...standing, ...planned, ...byHand];
}

/** All decisions in the order of the log. Every partition holds them, so one is enough. */
async function decisionsOf(log: Log): Promise<Control[]> {
  const decisions: Control[] = [];
  for await (const record of readPartition(log, CONTROL, 0, LIMITS)) {
    const decoded = decodeRecord(record, false);
    // What cannot be read was dead-lettered by the stages and is in force nowhere.
    if (decoded.ok && decoded.event.topic === CONTROL) decisions.push(decoded.event.value);
  }
  return decisions;
}
