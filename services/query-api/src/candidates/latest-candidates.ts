import type { Candidate } from "@amc/schemas/generated/events";
import type { ApiContext } from "../context.ts";
import type { ReadView, Stored, StoredRun } from "../read-model/port.ts";
import { cachedRun } from "./cached-run.ts";

/** Newest run with its candidates, best first. */
export interface RunCandidates {
  readonly run: StoredRun;
  readonly candidates: readonly Stored<Candidate>[];
}

export interface Served {
  /** Null before the first run. */
  readonly latest: RunCandidates | null;
  readonly source: "cache" | "postgres";
}

/**
 * Candidates of the newest run: a run read once from the tables is kept and served for as long as the
 * cache names it as the newest, so that polling clients cost the database nothing. With a cold or
 * broken cache, or one that names any other run, the tables answer alone: nothing that is only in
 * the cache is ever served.
 */
export class LatestCandidates {
  readonly #context: ApiContext;
  #kept: RunCandidates | null = null;

  constructor(context: ApiContext) {
    this.#context = context;
  }

  /** Fails as the database fails. */
  async read(): Promise<Served> {
    const { cache, config } = this.#context;
    const { result, runId } = await cachedRun(cache, config.cacheKeyPrefix);
    if (runId !== null && this.#kept?.run.event.runId === runId) {
      this.#context.metrics.countCacheRead(result);
      return { latest: this.#kept, source: "cache" };
    }
    const found = await this.#context.readModel.read(readNewestRun);
    const isLying = runId !== null && found?.run.event.runId !== runId;
    this.#context.metrics.countCacheRead(isLying ? "invalid" : result);
    // Candidates may be projected after their run: an incomplete list is served but not kept.
    if (found !== null && found.candidates.length === found.run.event.candidates.length) {
      this.#kept = found;
    }
    return { latest: found, source: "postgres" };
  }
}

async function readNewestRun(view: ReadView): Promise<RunCandidates | null> {
  const [newest] = await view.runs({ limit: 1, after: null, asOfMs: null });
  return newest === undefined ? null : { run: newest, candidates: await view.candidates(newest) };
}
