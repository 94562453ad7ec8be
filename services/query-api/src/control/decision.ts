import type { Control } from "@amc/schemas/generated/events";
import { parsePlanChange } from "@amc/streams/experiments/plan-change";
import { experimentOfSetting } from "@amc/streams/experiments/setting-name";
import { DEFAULT_SCORING } from "@amc/streams/scoring/config";
import { SETTINGS } from "@amc/streams/scoring/settings";
import { periodOfSetting, readDays } from "@amc/streams/short-interest/schedule-override";

/**
 * What an operator decides; a value of null returns to the configured one. Of an experiment the value
 * is a change, such as `start days=7` or `pause`.
 */
export interface Decision {
  readonly setting: string;
  readonly value: string | null;
  readonly actor: string;
  readonly reason: string;
}

/** Takes decisions into the log: only in the process that writes the log there is one. */
export interface ControlPort {
  /**
   * A secret kept where only who may write the log can read it. On this machine it is as good as a
   * key with the scope `control`.
   */
  readonly token: string;
  /**
   * Publishes a decision; null, and nothing is changed, while the log has no tick to follow. Throws
   * ApiError `refused` for an experiment that cannot change so.
   */
  readonly publish: (decision: Decision) => Promise<Control | null>;
}

/** Header of the token: one that no form and no link of a web page can send. */
export const TOKEN_HEADER = "x-amc-control-token";

const LENGTH_MAX = { actor: 64, reason: 500 } as const;
// Both are shown in terminals, where these would act instead of being read.
const CONTROL_CHARACTER = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

export interface DecisionProblem {
  readonly field: keyof Decision;
  readonly detail: string;
}

/** What is wrong with a decision, for whoever made it; null when nothing is. */
export function decisionProblem(decision: Decision): DecisionProblem | null {
  const valueProblem = settingProblem(decision);
  if (valueProblem !== null) return valueProblem;
  for (const field of ["actor", "reason"] as const) {
    const text = decision[field];
    const isReadable = text.trim() !== "" && !CONTROL_CHARACTER.test(text);
    if (isReadable && text.length <= LENGTH_MAX[field]) continue;
    const detail = `${field} is one line of 1 to ${LENGTH_MAX[field]} characters`;
    return { field, detail };
  }
  return null;
}

function settingProblem({ setting: name, value }: Decision): DecisionProblem | null {
  if (experimentOfSetting(name) !== null) {
    const parsed = parsePlanChange(value ?? "");
    return parsed.ok ? null : { field: "value", detail: parsed.problem };
  }
  const period = periodOfSetting(name);
  if (period !== null) {
    const read = readDays(period, value);
    return read.ok ? null : { field: "value", detail: read.problem };
  }
  const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
  if (setting === undefined) {
    const known = Object.keys(SETTINGS).join(", ");
    const detail = `there is no setting ${name}; there are ${known}, experiment/<name> and finra-schedule/<settlement date>`;
    return { field: "setting", detail };
  }
  if (value !== null && setting.override(DEFAULT_SCORING, value) === null) {
    const values = [...setting.values, ...(setting.form === undefined ? [] : [setting.form])];
    return { field: "value", detail: `${name} can be ${values.join(", ")}` };
  }
  return null;
}
