import { loadProcessConfig } from "@amc/platform/config/load-config";
import { stalenessLimits } from "@amc/platform/config/staleness-limits";
import { PROVIDERS } from "@amc/platform/http/provider-limits";
import type { Log } from "@amc/platform/log/port";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { readInstant } from "../operations/instant.ts";
import { inspectNamedLog, LOG_OPTIONS, withNamedLog } from "../operations/named-log.ts";
import {
  type AppendedDifferences,
  appendDifferences,
} from "../operations/rederive/append-differences.ts";
import { type DerivedAgain, deriveAgain } from "../operations/rederive/derive-again.ts";
import { type Compared, compareWithLog } from "../operations/rederive/fact-differences.ts";
import {
  type AnswerRange,
  KeptBodyError,
  keptAnswers,
} from "../operations/rederive/kept-answers.ts";
import { Printer } from "../output/printer.ts";
import { appendedText, comparedText, derivedText } from "../output/rederive-text.ts";

export const REDERIVE: CommandSpec = {
  name: "rederive",
  summary:
    "Makes facts anew of the raw answers that are kept, and says which the log has otherwise",
  examples: [
    "npm run amc -- rederive",
    "npm run --silent amc -- rederive --provider finra_short --since 2026-11-01T00:00 --json",
    "npm run amc -- rederive --provider yahoo --append",
  ],
  options: {
    provider: { type: "string", value: "<name>", doc: `one of ${PROVIDERS.join(", ")}` },
    since: { type: "string", value: "<time>", doc: "answers to what was asked from then on" },
    until: { type: "string", value: "<time>", doc: "answers to what was asked up to then" },
    append: { type: "boolean", doc: "append what is new or different; nothing is appended twice" },
    ...LOG_OPTIONS,
  },
  run,
};

interface Rederived {
  readonly answers: number;
  readonly derived: DerivedAgain;
  readonly compared: Compared;
  /** Null without `--append`. */
  readonly appended: AppendedDifferences | null;
}

async function run(words: CommandWords): Promise<number> {
  const range = rangeOf(words);
  const isAppending = words.flag("append");
  const staleness = stalenessLimits(loadProcessConfig());
  const work = async (log: Log): Promise<Rederived> => {
    const answers = await keptAnswers(log, range);
    const derived = await deriveAgain(log, answers, staleness);
    const compared = await compareWithLog(log, derived);
    const appended = isAppending
      ? await appendDifferences(log, compared.differences, Date.now())
      : null;
    return { answers: answers.length, derived, compared, appended };
  };
  const rederived = await withoutDamage(() =>
    isAppending ? withNamedLog(words, work) : inspectNamedLog(words, work),
  );
  print(new Printer(words.flag("json")), rederived);
  return exitCodeOf(rederived);
}

function rangeOf(words: CommandWords): AnswerRange {
  const provider = words.text("provider") ?? null;
  if (provider !== null && !PROVIDERS.some((known) => known === provider)) {
    const message = `--provider takes one of ${PROVIDERS.join(", ")}, was ${provider}`;
    throw new CommandError(EXIT.usage, message);
  }
  const [since, until] = [words.text("since"), words.text("until")];
  return {
    provider,
    fromMs: since === undefined ? Number.NEGATIVE_INFINITY : readInstant("since", since),
    toMs: until === undefined ? Number.POSITIVE_INFINITY : readInstant("until", until),
  };
}

async function withoutDamage(work: () => Promise<Rederived>): Promise<Rederived> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof KeptBodyError)) throw error;
    const message = `${error.message}; leave it out with --since or --until`;
    throw new CommandError(EXIT.internal, message, { cause: error });
  }
}

/** What the log has otherwise afterwards, or what cannot be taken back, is a no. */
function exitCodeOf({ compared: { differences }, appended }: Rederived): number {
  const isLeft =
    appended === null
      ? differences.length > 0
      : appended.superseded > 0 || differences.some(({ change }) => change === "gone");
  return isLeft ? EXIT.failed : EXIT.ok;
}

function print(printer: Printer, { answers, derived, compared, appended }: Rederived): void {
  const { answersRead, rowsRefused, failing, uncovered } = derived;
  const read = { answers, answersRead, rowsRefused, facts: derived.facts.size };
  printer.line({ type: "answers", ...read }, derivedText(answers, derived));
  for (const [what, count] of uncovered) {
    printer.line({ type: "uncovered", what, answers: count }, null);
  }
  for (const each of failing) printer.line({ type: "failing", ...each }, null);
  for (const { change, topic, id, value, fields } of compared.differences) {
    const { symbol, source, happenedAt, capturedAt, simulated } = value;
    const about = { symbol, source, happenedAt, capturedAt, simulated };
    printer.line({ type: "difference", change, topic, id, ...about, fields }, null);
  }
  const topics = Object.fromEntries(compared.counts);
  printer.line({ type: "rederive", topics, appended }, comparedText(compared));
  if (appended !== null) printer.line(null, appendedText(appended));
}
