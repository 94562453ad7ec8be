import { KnownStories } from "@amc/ingest-news/stories/known-stories";
import { ALPHA_VANTAGE_NEWS } from "@amc/ingest-options/providers/alpha-vantage/alpha-vantage";
import { YAHOO_SEARCH } from "@amc/ingest-prices/providers/yahoo/yahoo";
import { scheduleInForce } from "@amc/ingest-short-interest/collection/schedule-by-hand";
import type { ConfiguredStaleness } from "@amc/platform/config/staleness-limits";
import { isProviderError } from "@amc/platform/http/provider-error";
import { statementOf } from "@amc/platform/log/append-new-facts";
import type { Log } from "@amc/platform/log/port";
import { recordsSince } from "@amc/platform/log/records-since";
import { decodeEvent } from "@amc/schemas/codec";
import type { Fact } from "@amc/streams/kernel/fact";
import { AnsweredBefore, byQuestion, isNotKept, NOT_KEPT } from "./answered-before.ts";
import { coverageOf } from "./coverage.ts";
import type { KeptAnswer } from "./kept-answers.ts";

/** An answer that gives no facts now. */
export interface Failing {
  readonly provider: string;
  readonly endpoint: string;
  /** Code of the failure now; `not-kept` where a body, or what was asked next, is not there. */
  readonly code: string;
  /** Code of the failure when it came; null when it was read then. */
  readonly codeThen: string | null;
}

/** What today's code makes of the answers that are kept. */
export interface DerivedAgain {
  /** By id, the different things that were stated under it, in the order of the answers. */
  readonly facts: ReadonlyMap<string, readonly Fact[]>;
  /** `captureKey` of whatever was read: facts of the log with one of these came of these answers. */
  readonly captures: ReadonlySet<string>;
  readonly answersRead: number;
  readonly rowsRefused: number;
  readonly failing: readonly Failing[];
  /** Answers of which no facts are made, by provider, endpoint and reason. */
  readonly uncovered: ReadonlyMap<string, number>;
}

const NEWS = "market.news.v1";

/** Who stated a fact, out of which answer. */
export function captureKey(
  { source, simulated }: { readonly source: string; readonly simulated: boolean },
  capturedAt: number,
): string {
  return `${source} ${simulated} ${capturedAt}`;
}

/** Facts of every answer, made by the readers that made them when it came, one answer after the other. */
export async function deriveAgain(
  log: Log,
  answers: readonly KeptAnswer[],
  staleness: ConfiguredStaleness,
): Promise<DerivedAgain> {
  const others = byQuestion(answers);
  const facts = new Map<string, Fact[]>();
  const captures = new Set<string>();
  const failing: Failing[] = [];
  const uncovered = new Map<string, number>();
  const stories = new StoriesBefore(log, answers);
  let answersRead = 0;
  let rowsRefused = 0;
  for (const first of answers) {
    const { provider, endpoint, simulated } = first.head;
    const coverage = coverageOf(first);
    if (coverage.kind === "continued") continue;
    if (coverage.kind === "uncovered") {
      const what = `${provider} ${endpoint}: ${coverage.reason}`;
      uncovered.set(what, (uncovered.get(what) ?? 0) + 1);
      continue;
    }
    const asker = new AnsweredBefore({ log, first, others, staleness });
    const known = await stories.of(simulated);
    const scheduleAt = (atMs: number) => scheduleInForce(log, atMs);
    try {
      const collected = await coverage.derive({ asker, scheduleAt, known });
      for (const fact of collected.facts) addStatement(facts, fact);
      rowsRefused += collected.refused.length;
      answersRead += asker.used.length;
    } catch (error) {
      if (!isProviderError(error)) throw error;
      const { errorCode: codeThen } = asker.used.at(-1)?.head ?? first.head;
      const isKept = !isNotKept(error);
      failing.push({ provider, endpoint, codeThen, code: isKept ? error.code : NOT_KEPT });
      // Nobody can say what would be made of it: its facts are not gone.
      if (!isKept) continue;
    }
    const { source } = coverage;
    for (const { head } of asker.used) {
      captures.add(captureKey({ source, simulated }, head.answeredAt));
    }
  }
  return { facts, captures, answersRead, rowsRefused, failing, uncovered };
}

/** The same figures once more, out of a later answer, say nothing. */
function addStatement(facts: Map<string, Fact[]>, fact: Fact): void {
  const stated = facts.get(fact.id) ?? [];
  const text = statementOf(fact.value);
  if (stated.some(({ value }) => statementOf(value) === text)) return;
  facts.set(fact.id, [...stated, fact]);
}

function isAboutNews({ head: { provider, endpoint } }: KeptAnswer): boolean {
  return provider === "rss" || endpoint === YAHOO_SEARCH || endpoint === ALPHA_VANTAGE_NEWS;
}

/** What had been told before these answers, by kind: a story that another answer told is not told again. */
class StoriesBefore {
  readonly #log: Log;
  readonly #answeredAt: ReadonlySet<number>;
  readonly #known = new Map<boolean, KnownStories>();

  constructor(log: Log, answers: readonly KeptAnswer[]) {
    this.#log = log;
    const feeds = answers.filter(isAboutNews);
    this.#answeredAt = new Set(feeds.map(({ head }) => head.answeredAt));
  }

  async of(simulated: boolean): Promise<KnownStories> {
    const known = this.#known.get(simulated) ?? new KnownStories();
    if (this.#known.has(simulated) || this.#answeredAt.size === 0) return known;
    this.#known.set(simulated, known);
    for await (const { value } of recordsSince(this.#log, NEWS, 0)) {
      const decoded = value === null ? null : decodeEvent(NEWS, value);
      if (decoded?.ok !== true || decoded.value.simulated !== simulated) continue;
      if (!this.#answeredAt.has(decoded.value.capturedAt)) known.add(decoded.value);
    }
    return known;
  }
}
