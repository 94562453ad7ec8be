import { loadProcessConfig } from "@amc/platform/config/load-config";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { recordsOf } from "@amc/replay/log-digests";
import { type PolarizedItems, withPolarity } from "@amc/replay/polarized-news";
import { replayTopology } from "@amc/replay/replay-topologies";
import { runInMemory } from "@amc/replay/run-topology";
import type { FactSlice } from "@amc/replay/slices";
import type { Recommendation, Verdict } from "@amc/schemas/generated/events";
import { PROFILE_NAMES, PROFILES, type ProfileName } from "@amc/streams/gates/profiles";
import { isoUtc } from "@amc/streams/market/event-time";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { formatPrice, formatScore } from "../output/format.ts";
import { labelOf } from "../output/lines.ts";
import { Printer } from "../output/printer.ts";
import { loadRecordingSlices, openRecording } from "../recordings.ts";
import { configuredScoring } from "../scoring-options.ts";

const RECORDINGS = "gme-2021,spy-2013,aapl-2014,calm-2021";

export const ABLATE: CommandSpec = {
  name: "ablate",
  summary: "What each profile catches over recordings, and which single gate rejects the most",
  examples: [
    "npm run amc -- ablate",
    "npm run --silent amc -- ablate --recordings gme-2021 --json",
    "npm run amc -- ablate --recordings gme-2021 --polarity timed",
  ],
  options: {
    recordings: { type: "string", value: "<a,b>", doc: `manifests; ${RECORDINGS} by default` },
    polarity: {
      type: "string",
      value: "timed|all",
      doc: "once more with what headlines say, read by our own model: of items with a time, or of all",
    },
    data: { type: "string", value: "<dir>", doc: "root of the recordings; AMC_DATA by default" },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run: ablate,
};

interface Outcome {
  verdicts: number;
  evaluable: number;
  priceVolumePassed: number;
  passed: number;
  /** Verdicts that only this gate kept from a label. */
  readonly onlyObstacle: Map<string, number>;
  readonly recommendations: Recommendation[];
}

async function ablate(words: CommandWords): Promise<number> {
  const variables = loadProcessConfig();
  const printer = new Printer(words.flag("json"));
  const data = words.text("data") ?? variables.AMC_DATA;
  const polarity = polarityAsked(words);
  for (const name of (words.text("recordings") ?? RECORDINGS).split(",")) {
    const recorded = await loadRecordingSlices(await openRecording(name.trim(), data));
    for (const { slices, label } of variantsOf(recorded, polarity)) {
      for (const profile of PROFILE_NAMES) {
        const scoring = { ...configuredScoring(variables), profile, shadow: null };
        const run = { recording: name.trim(), profile, ...label };
        tell(printer, run, await outcomeOf(slices, replayTopology(scoring)));
      }
    }
  }
  return EXIT.ok;
}

function polarityAsked(words: CommandWords): PolarizedItems | null {
  const asked = words.text("polarity") ?? null;
  if (asked === null || asked === "timed" || asked === "all") return asked;
  throw new CommandError(EXIT.usage, `--polarity: timed or all, not ${asked}`);
}

/** A recording as it is, and once more with polarity where that is asked for. */
function variantsOf(recorded: readonly FactSlice[], polarity: PolarizedItems | null) {
  const asRecorded = { slices: recorded, label: { polarity: null, polarized: 0 } };
  if (polarity === null) return [asRecorded];
  const { slices, polarized } = withPolarity(recorded, polarity);
  return [asRecorded, { slices, label: { polarity, polarized } }];
}

/** What was run: a recording, as it is or with the polarity of so many items, by a profile. */
interface Run {
  readonly recording: string;
  readonly profile: ProfileName;
  readonly polarity: PolarizedItems | null;
  readonly polarized: number;
}

async function outcomeOf(
  slices: readonly FactSlice[],
  topology: ReturnType<typeof replayTopology>,
): Promise<Outcome> {
  const log = await runInMemory(slices, topology);
  const outcome: Outcome = {
    verdicts: 0,
    evaluable: 0,
    priceVolumePassed: 0,
    passed: 0,
    onlyObstacle: new Map(),
    recommendations: [],
  };
  for (const topic of ["signals.verdict.v1", "discovery.recommendation.v1"]) {
    for await (const record of recordsOf(log, topic)) {
      const decoded = decodeRecord(record, false);
      if (!decoded.ok) throw new TypeError(`${topic}/${record.offset} cannot be read`);
      const { event } = decoded;
      if (event.topic === "signals.verdict.v1") takeVerdict(outcome, event.value);
      if (event.topic === "discovery.recommendation.v1") outcome.recommendations.push(event.value);
    }
  }
  return outcome;
}

function takeVerdict(outcome: Outcome, verdict: Verdict): void {
  if (verdict.trigger === "CROSSING") return;
  outcome.verdicts += 1;
  if (verdict.evaluable) outcome.evaluable += 1;
  if (verdict.priceVolumePassed) outcome.priceVolumePassed += 1;
  if (verdict.passed) outcome.passed += 1;
  const failed = verdict.gates.filter(({ hard, outcome: result }) => hard && result === "FAILED");
  const [only] = failed;
  if (only === undefined || failed.length > 1) return;
  // The label limits are the same in all profiles.
  const { watchlist } = PROFILES.strict.labels;
  if (verdict.rawScore === null || verdict.rawScore < watchlist) return;
  outcome.onlyObstacle.set(only.gate, (outcome.onlyObstacle.get(only.gate) ?? 0) + 1);
}

function tell(printer: Printer, run: Run, outcome: Outcome): void {
  const { recording, profile, polarity, polarized } = run;
  const { recommendations, onlyObstacle, ...counts } = outcome;
  const obstacles = Object.fromEntries([...onlyObstacle].sort(([, a], [, b]) => b - a));
  const lines = [
    `${recording} with ${profile}${polarity === null ? "" : `, polarity of ${polarized} items`}: ${counts.verdicts} verdicts, ${counts.evaluable} evaluable, ` +
      `price-and-volume gates passed ${counts.priceVolumePassed}, all gates ${counts.passed}`,
  ];
  for (const [gate, count] of Object.entries(obstacles)) {
    lines.push(`  only ${gate} stood between ${count} of them and a label`);
  }
  for (const { symbol, label, happenedAt, price, score } of recommendations) {
    lines.push(
      `  ${isoUtc(happenedAt).slice(0, 16)}Z ${symbol} ${labelOf(label)} ${formatPrice(price)} score ${formatScore(score)}`,
    );
  }
  printer.line(
    {
      type: "ablation",
      ...run,
      ...counts,
      onlyObstacle: obstacles,
      recommendations: recommendations.map(({ symbol, label, happenedAt, price, score }) => ({
        symbol,
        label: labelOf(label),
        happenedAt: isoUtc(happenedAt),
        price,
        score,
      })),
    },
    lines.join("\n"),
  );
}
