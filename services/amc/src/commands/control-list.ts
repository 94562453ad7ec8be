import { loadProcessConfig } from "@amc/platform/config/load-config";
import { isoUtc } from "@amc/streams/market/event-time";
import type { CommandSpec, CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { inspectNamedLog, LOG_OPTIONS } from "../operations/named-log.ts";
import {
  type SettingStanding,
  standingSettings,
} from "../operations/settings/operator-settings.ts";
import { textTable } from "../operations/text-table.ts";
import { Printer } from "../output/printer.ts";
import { configuredScoring } from "../scoring-options.ts";

export const CONTROL_LIST: CommandSpec = {
  name: "control list",
  summary: "Shows every setting, what is configured, what is in force and who decided why",
  examples: ["npm run amc -- control list", "npm run --silent amc -- control list --json"],
  options: LOG_OPTIONS,
  run,
};

/** As long as a plan in words; `--json` has all of what a reduced universe keeps. */
const VALUE_MAX = 120;

const HEADING = ["setting", "value", "configured", "since", "by", "reason"];

async function run(words: CommandWords): Promise<number> {
  const configured = configuredScoring(loadProcessConfig());
  const printer = new Printer(words.flag("json"));
  const standing = await inspectNamedLog(words, (log) => standingSettings(log, configured));
  for (const one of standing) printer.line(json(one), null);
  printer.line(null, textTable([HEADING, ...standing.map(row)]).join("\n"));
  return EXIT.ok;
}

function row(standing: SettingStanding): string[] {
  const { setting, configured, decision, isInForce } = standing;
  const isLong = standing.value.length > VALUE_MAX;
  const value = isLong ? `${standing.value.slice(0, VALUE_MAX - 1)}…` : standing.value;
  if (decision === null) return [setting, value, configured ?? "-", "-", "-", "-"];
  const since = isInForce ? isoUtc(decision.publishedAt) : "the next tick";
  return [setting, value, configured ?? "-", since, decision.actor, decision.reason];
}

function json({ setting, value, configured, decision, isInForce }: SettingStanding) {
  return {
    type: "setting",
    setting,
    value,
    configured,
    isInForce,
    since: decision === null ? null : isoUtc(decision.publishedAt),
    actor: decision?.actor ?? null,
    reason: decision?.reason ?? null,
  };
}
