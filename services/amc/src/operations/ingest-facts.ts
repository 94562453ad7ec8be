import type { MockedProvider } from "@amc/mock-providers/mocked-variables";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { Role } from "@amc/platform/config/roles";
import type { Variables } from "@amc/platform/config/variables";
import type { Collected, Refused } from "@amc/platform/http/collected";
import type { ProviderClient } from "@amc/platform/http/provider-client";
import { isProviderError } from "@amc/platform/http/provider-error";

import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import type { StatedTopic } from "@amc/platform/log/other-kind";
import type { Log } from "@amc/platform/log/port";
import type { CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { formatCount } from "../output/format.ts";
import { Printer } from "../output/printer.ts";
import { symbolsOf } from "./ingest-words.ts";
import { withNamedLog } from "./named-log.ts";
import { accessProvider } from "./provider-access.ts";

/** Who is asked, and in whose name facts are appended. */
export interface FactSource {
  readonly provider: MockedProvider;
  /** The producer, such as `/amc/ingest-prices`. */
  readonly producer: string;
  /** Whose variables must be there; left out for a provider that wants no key. */
  readonly role?: Role;
  readonly baseUrls: (variables: Variables) => readonly string[];
  /** What becomes of the answers; all that the provider states where it is left out. */
  readonly states?: readonly StatedTopic[];
}

/** An answer without what whoever asked knows to be in the log. */
export interface NewlyCollected extends Collected {
  /** How many facts it left out; none when left out. */
  readonly known?: number;
}

/** One question of a command. */
export interface FactQuestion {
  /** The symbol, or what else it is about. */
  readonly about: string;
  readonly ask: (signal?: AbortSignal) => Promise<NewlyCollected>;
}

/** A question whose answer may be longer than memory: it comes a part at a time. */
export interface PagedQuestion {
  readonly about: string;
  readonly ask: () => AsyncIterable<Collected>;
}

export type Question = FactQuestion | PagedQuestion;

/** Who can be asked, and what is known already. */
export interface FactAsker {
  readonly client: ProviderClient;
  readonly variables: Variables;
  readonly log: Log;
}

/** What all questions of a command came to. */
export interface Ingested {
  /** Appended. */
  readonly facts: number;
  /** In the log already, with the same figures. */
  readonly known: number;
  /** Of those appended: the log had them with other figures. */
  readonly restated: number;
  /** What the provider does not know. */
  readonly unknown: readonly string[];
  /** Rows that became no fact, by code. */
  readonly refused: Readonly<Record<string, number>>;
}

/**
 * Asks one question after the other and appends what is new. Every call is in the log, whether it gave
 * something or not. In memory are the facts of one answer, or of one part of it. Throws CommandError
 * `unavailable` when the provider does not answer usably; what came before that stays.
 */
export async function ingestFacts(
  words: CommandWords,
  source: FactSource,
  questionsOf: (asker: FactAsker) => Promise<readonly Question[]>,
): Promise<Ingested> {
  const { provider, producer, role, baseUrls, states } = source;
  const configured = loadProcessConfig(role);
  return await withNamedLog(words, async (log) => {
    const access = await accessProvider({
      ...{ provider, variables: configured, log, source: producer, baseUrls },
      ...(states === undefined ? {} : { states }),
      symbols: symbolsOf(words) ?? [],
    });
    const { client, variables } = access;
    const total = { facts: 0, known: 0, restated: 0 };
    const unknown: string[] = [];
    const refused = new Map<string, number>();
    try {
      for (const { about, ask } of await questionsOf({ client, variables, log })) {
        for await (const part of orUnknown(ask, () => unknown.push(about))) {
          const { appended, known, restated } = await appendNewFacts(log, part.facts, producer);
          total.facts += appended;
          total.known += known + (part.known ?? 0);
          total.restated += restated;
          for (const { code } of part.refused) refused.set(code, (refused.get(code) ?? 0) + 1);
        }
      }
    } catch (error) {
      if (!isProviderError(error)) throw error;
      const before = total.facts === 0 ? "" : `; appended before it: ${formatCount(total.facts)}`;
      throw new CommandError(EXIT.unavailable, `${error.message}${before}`, { cause: error });
    } finally {
      await access.close();
    }
    return { ...total, unknown, refused: Object.fromEntries(refused) };
  });
}

/** The parts of an answer; none of what the provider does not know: that is an answer. */
async function* orUnknown(
  ask: Question["ask"],
  onUnknown: () => unknown,
): AsyncGenerator<NewlyCollected> {
  try {
    const asked = ask();
    if (Symbol.asyncIterator in asked) yield* asked;
    else yield await asked;
  } catch (error) {
    if (!isProviderError(error, "provider.not-found")) throw error;
    onUnknown();
  }
}

/** Refusals by their code. */
export function countByCode(refused: readonly Refused[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(refused, ({ code }) => code);
  return Object.fromEntries([...groups].map(([code, all]) => [code, all.length]));
}

/** What a question was about, in words. */
export interface IngestSubject {
  readonly dataset: string;
  readonly about: string;
}

/** One line about what came of it. */
export function tellIngested(
  words: CommandWords,
  { provider }: FactSource,
  { dataset, about }: IngestSubject,
  ingested: Ingested,
): void {
  new Printer(words.flag("json")).line(
    { type: "ingest", provider, dataset, about, ...ingested },
    textOfIngested(`${dataset} of ${about}`, ingested),
  );
}

/** What came of it, for people: `minute bars of GME: 390 facts appended, 2 known already`. */
function textOfIngested(what: string, ingested: Ingested): string {
  const { facts, known, restated, unknown, refused } = ingested;
  const head = [
    `${what}: ${formatCount(facts)} facts appended`,
    ...(known === 0 ? [] : [`${formatCount(known)} known already`]),
    ...(restated === 0 ? [] : [`${formatCount(restated)} of them stated otherwise before`]),
  ].join(", ");
  return [
    head,
    ...(unknown.length === 0 ? [] : [`  not known there: ${unknown.join(", ")}`]),
    ...Object.entries(refused).map(([code, count]) => `  ${formatCount(count)} refused (${code})`),
  ].join("\n");
}
