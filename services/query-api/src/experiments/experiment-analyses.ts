import { type Analysis, analyse } from "@amc/streams/experiments/analysis";
import { newestOfExperimentKey } from "@amc/streams/projections/experiments/cache";
import type { ApiContext, CacheReader } from "../context.ts";
import type { ReadView, StoredExperiment, StoredExperimentResult } from "../read-model/port.ts";

/**
 * Runs that are compared, the newest. A year of slots on every weekday is about as many, and an
 * experiment takes a year at most; of one that has more, the answer says so.
 */
export const RESULTS_MAX = 25_000;
/** Experiments whose analysis is kept; more are computed again. */
const KEPT_MAX = 16;
// An entry takes about 200 characters.
const ENTRY_CHARACTERS_MAX = 4 * 1024;

/** Results of one experiment and what they say. */
export interface ExperimentAnalysis {
  readonly analysis: Analysis;
  /** Newest first. */
  readonly newest: StoredExperimentResult | null;
  readonly simulated: boolean;
  /** Whether there are more results than were compared. */
  readonly isTruncated: boolean;
  readonly source: "cache" | "postgres";
}

interface Kept {
  /** Which decision and which results it was made from. */
  readonly madeFrom: string;
  readonly newestId: string;
  readonly found: ExperimentAnalysis;
}

/**
 * Analyses of experiments: one that was made from the tables is kept, and served for as long as the
 * tables hold the same decision and the same results and the cache names the same newest event. Only
 * the tables say whether it is still true: results of several partitions come out of order, and an
 * entry may have failed to be written. It is not served longer than the entry lives, and made
 * anew when the cache is cold, broken or names any other event.
 */
export class ExperimentAnalyses {
  readonly #cache: CacheReader;
  readonly #keyPrefix: string;
  readonly #kept = new Map<string, Kept>();

  constructor({ cache, config }: Pick<ApiContext, "cache" | "config">) {
    this.#cache = cache;
    this.#keyPrefix = config.experimentCacheKeyPrefix;
  }

  /** Fails as the database fails. */
  async read(view: ReadView, experiment: StoredExperiment): Promise<ExperimentAnalysis> {
    const { name, decisionId } = experiment;
    const namedId = await this.#namedBy(name);
    const extent = await view.experimentExtent(name);
    const madeFrom = `${decisionId} ${extent.count} ${extent.digest}`;
    const kept = this.#kept.get(name);
    if (kept !== undefined && kept.newestId === namedId && kept.madeFrom === madeFrom) {
      return { ...kept.found, source: "cache" };
    }
    const query = { limit: RESULTS_MAX, after: null, asOfMs: null };
    const results = await view.experimentResults(name, query);
    const events = results.map(({ event }) => event);
    const strategies = experiment.split.map(({ strategy }) => strategy);
    const found: ExperimentAnalysis = {
      analysis: analyse(strategies, experiment.metrics, events),
      newest: results[0] ?? null,
      simulated: events.some(({ simulated }) => simulated),
      isTruncated: extent.count > results.length,
      source: "postgres",
    };
    this.#keep(name, { madeFrom, newestId: newestIdOf(experiment, found.newest), found });
    return found;
  }

  #keep(name: string, kept: Kept): void {
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
  }

  /** Id of the newest event that the cache knows of; null when it knows none or does not answer. */
  async #namedBy(name: string): Promise<string | null> {
    try {
      const text = await this.#cache.get(newestOfExperimentKey(this.#keyPrefix, name));
      return text === null || text.length > ENTRY_CHARACTERS_MAX ? null : eventIdOf(text);
    } catch {
      // The component of the cache says what is wrong with it; the tables answer.
      return null;
    }
  }
}

/** The projector caches whichever is newer, and so do we compare. */
function newestIdOf(
  { decisionId, decidedAt }: StoredExperiment,
  newest: StoredExperimentResult | null,
): string {
  return newest !== null && newest.event.happenedAt > decidedAt ? newest.id : decisionId;
}

/** Throws on what is no JSON. */
function eventIdOf(text: string): string | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("event_id" in value)) return null;
  return typeof value.event_id === "string" ? value.event_id : null;
}
