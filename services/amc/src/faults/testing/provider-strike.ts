import { type FailureKind, isSpoiled } from "@amc/mock-providers/failure-kinds";
import type { Collected } from "@amc/platform/http/collected";
import { isProviderError } from "@amc/platform/http/provider-error";
import { createMemoryLog } from "@amc/platform/log/memory";
import { recordsOf } from "@amc/replay/log-digests";
import { decodeEvent } from "@amc/schemas/codec";
import { FACT_TOPICS, type FactTopic } from "@amc/schemas/topics";
import type { Fact } from "@amc/streams/kernel/fact";
import { MINUTE_MS } from "@amc/streams/market/calendar-date";
import { KnownBars } from "../../live/known-bars.ts";
import { SourceAsker } from "../../live/source-asker.ts";
import type { FactQuestion } from "../../operations/ingest-facts.ts";
import { askedAt } from "./asked-providers.ts";
import type { ProviderBuild, StruckProvider } from "./struck-provider.ts";

/** A question and what its provider truly states. */
export interface Golden {
  readonly symbol: string;
  readonly date: string;
  /** Instant of the question, UTC ms. */
  readonly atMs: number;
  /** Statements by their ids. */
  readonly statements: ReadonlyMap<string, string>;
}

export interface StrikeResult {
  readonly violations: readonly string[];
  /** Appended once the provider answered again. */
  readonly facts: number;
}

/** Failures in a row after which nobody asks any more (reliability.md F28). */
const FAILURES_MAX = 5;
/** A question that fails is asked again so often while the failure lasts. */
const ASKED_WHILE_FAILING = 6;
/** A redirect that never ends is followed three times. */
const HOPS_MAX = 4;
const RECOVERIES_MAX = 20;
/** Enough for every budget by the minute to be felt. */
const BURST = 130;
const LAYOUT = FACT_TOPICS.map((topic) => ({ topic, partitions: 1 }));
const SILENT = {
  unreachable: () => undefined,
  answersAgain: () => undefined,
  unknown: () => undefined,
};

/** Asks an undisturbed provider. */
export async function goldenOf(
  reference: StruckProvider,
  symbol: string,
  date: string,
): Promise<Golden> {
  const atMs = askedAt(date);
  reference.reach(atMs);
  const { facts } = await persistently(reference, reference.question(symbol, date));
  return {
    symbol,
    date,
    atMs,
    statements: new Map(facts.map((fact) => [fact.id, statementOf(fact.value)])),
  };
}

/** How a strike is made. */
export interface Strike {
  readonly kind: FailureKind;
  readonly build: ProviderBuild;
  /** Afterwards asks more often than any budget by the minute allows. */
  readonly isBusy: boolean;
}

/** One failure while a question is asked, and what comes of it and of the next good answer. */
export async function strikeOnce(
  target: StruckProvider,
  golden: Golden,
  { kind, build, isBusy }: Strike,
): Promise<StrikeResult> {
  const violations: string[] = [];
  const log = createMemoryLog(LAYOUT, target.clock.nowMs);
  const options = { log, known: new KnownBars(), teller: SILENT };
  const asker = new SourceAsker(options, target.provider, "/amc/test");
  const asked = target.question(golden.symbol, golden.date);
  const question = build === "carried forward" ? carriedForward(asked, target) : asked;
  const sweep = () => asker.sweep([question], new AbortController().signal);

  target.server.failWith(kind);
  const before = target.server.requests();
  for (let times = 0; times < ASKED_WHILE_FAILING; times += 1) await sweep();
  target.server.failWith(null);
  const requests = target.server.requests() - before;
  const most = kind === "a redirect that never ends" ? FAILURES_MAX * HOPS_MAX : FAILURES_MAX;
  if (!isSpoiled(kind) && requests > most) violations.push(`asked ${requests} times in vain`);
  const during = await statementsIn(log);
  if (!isSpoiled(kind) && during.size > 0) violations.push(`${during.size} facts of no answer`);

  await recover(target, sweep);
  for (let times = 0; isBusy && times < BURST; times += 1) await sweep();
  const after = await statementsIn(log);
  for (const [id, statement] of after) {
    if (golden.statements.get(id) !== statement)
      violations.push(`stated by nobody: ${statement.slice(0, 200)}`);
  }
  const missing = [...golden.statements.keys()].filter((id) => !after.has(id));
  if (missing.length > 0) violations.push(`${missing.length} facts were never made up for`);
  return { violations, facts: after.size };
}

/** Asks until the provider answers; calls by the day may take one to come back. */
async function recover(
  { clock }: StruckProvider,
  sweep: () => Promise<{ readonly failed: number }>,
): Promise<void> {
  for (let times = 1; times <= RECOVERIES_MAX && (await sweep()).failed > 0; times += 1) {
    clock.advance(times < RECOVERIES_MAX / 2 ? 5 * MINUTE_MS : 12 * 60 * MINUTE_MS);
  }
}

async function persistently({ clock }: StruckProvider, { ask }: FactQuestion): Promise<Collected> {
  for (let times = 1; ; times += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!isProviderError(error) || times === RECOVERIES_MAX) throw error;
      clock.advance(error.facts.retryAfterMs ?? MINUTE_MS);
    }
  }
}

/** The classic mistake: who has no answer tells the last one again, as if it were new. */
function carriedForward(question: FactQuestion, target: StruckProvider): FactQuestion {
  return {
    ...question,
    ask: async (signal) => {
      try {
        target.lastAnswer = await question.ask(signal);
        return target.lastAnswer;
      } catch (error) {
        if (!isProviderError(error) || target.lastAnswer === null) throw error;
        return target.lastAnswer;
      }
    },
  };
}

async function statementsIn(log: Parameters<typeof recordsOf>[0]) {
  const statements = new Map<string, string>();
  for (const topic of FACT_TOPICS) {
    for await (const { headers, value } of recordsOf(log, topic)) {
      const decoded = value === null ? null : decodeEvent<FactTopic>(topic, value);
      if (decoded?.ok !== true) continue;
      statements.set(headers.ce_id ?? "", statementOf(decoded.value));
    }
  }
  return statements;
}

/** What is stated, without when it came and how long that took. */
function statementOf(value: Fact["value"]): string {
  return JSON.stringify({
    ...value,
    publishedAt: 0,
    capturedAt: 0,
    providerLatencyMs: 0,
    stale: false,
  });
}
