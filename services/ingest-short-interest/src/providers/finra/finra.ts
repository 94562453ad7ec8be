import type { Collected } from "@amc/platform/http/collected";
import { datasetEndpoint, SHORT_INTEREST_DATASET } from "@amc/platform/http/finra-endpoints";
import type { Captured, ProviderAsker, Received } from "@amc/platform/http/provider-client";
import { ProviderError } from "@amc/platform/http/provider-error";
import type { FactTopic } from "@amc/schemas/topics";
import type { CapturedProvenance } from "@amc/streams/facts/envelope";
import { providerWeight } from "@amc/streams/market/provider-weights";
import {
  COMPUTED_SCHEDULE,
  type ScheduleInForce,
} from "@amc/streams/short-interest/schedule-in-force";
import { dailyFileOf, readDailyFile } from "./daily-file.ts";
import { type RowCheck, readPage } from "./page.ts";
import { interestRow, shortInterestOf } from "./short-interest.ts";
import { shortVolumeOf, volumeRow } from "./short-volume.ts";

/** Names of the data sets in FINRA's group; the planning documents' mock has others (C-07). */
export interface FinraDatasets {
  readonly shortInterest: string;
  readonly shortVolume: string;
}

export const SHORT_VOLUME_DATASET = "regShoDaily";

const FINRA_DATASETS: FinraDatasets = {
  shortInterest: SHORT_INTEREST_DATASET,
  shortVolume: SHORT_VOLUME_DATASET,
};

export interface FinraOptions {
  readonly client: ProviderAsker;
  /** Up to the names of the data sets, `FINRA_API_BASE_URL`. */
  readonly apiUrl: string;
  /** Of the daily files, `FINRA_CDN_BASE_URL`. */
  readonly filesUrl: string;
  readonly datasets?: FinraDatasets;
  /** Rows of a page, 5000 at most. */
  readonly pageRows?: number;
  /** `SHORT_INTEREST_MEMORY_LIMIT`, bytes: what is made of the answers about one date may take so much. */
  readonly memoryBytes?: number;
}

export const FINRA_SOURCE = "finra";
export const FINRA_DAILY_FILE = "equity/regsho/daily";
const PAGE_ROWS = 5_000;
/** The whole market is about five pages a day; more than this is an answer that does not end. */
const PAGES_MAX = 40;

/**
 * Memory that a date takes from its first page until it is in the log, for each byte of its answers: rows, facts
 * and their records. Measured were 9 for 21,000 symbols, 6 for 80,000 and 4 for 195,000, garbage included; 12
 * leaves room, so that a whole process whose limit is 512 MB stays below it.
 */
const MEMORY_PER_BYTE = 12;
const MEMORY_BYTES = 512 * 1024 ** 2;
const MIB = 1024 ** 2;

/** The rows that are wanted of a data set. */
interface About {
  readonly dateField: string;
  /** `yyyy-mm-dd`. */
  readonly date: string;
  readonly check: RowCheck;
}

/**
 * FINRA's public data sets, a whole market per date: cheaper than a call per symbol. All methods throw
 * ProviderError, `provider.memory-limit` where a date is too large to be held, and then nothing of the date is known: pages before a failed one are not kept.
 */
export class Finra {
  readonly #options: FinraOptions;

  constructor(options: FinraOptions) {
    this.#options = options;
  }

  /** Whether a mock answers in its name. */
  get simulated(): boolean {
    return this.#options.client.simulated;
  }

  /**
   * Short interest of one settlement date, `yyyy-mm-dd`, public since `schedule` says; no facts when it is not
   * published yet.
   */
  async shortInterest(
    settlementDate: string,
    signal?: AbortSignal,
    schedule: ScheduleInForce = COMPUTED_SCHEDULE,
  ): Promise<Collected> {
    const { shortInterest } = this.#options.datasets ?? FINRA_DATASETS;
    const about = { dateField: "settlementDate", date: settlementDate, check: interestRow };
    const page = await this.#allPages(shortInterest, about, signal);
    const provenance = this.#provenance("short.interest.v1", page.captured);
    return shortInterestOf(page.answer, settlementDate, provenance, schedule);
  }

  /** Whether the next question is on trial, after failures. */
  get awaitsTrial(): boolean {
    return this.#options.client.awaitsTrial;
  }

  /** Asks for one row of a settlement date and keeps nothing of it: whether FINRA answers at all. */
  async answers(settlementDate: string, signal?: AbortSignal): Promise<void> {
    const { shortInterest } = this.#options.datasets ?? FINRA_DATASETS;
    const about = { dateField: "settlementDate", date: settlementDate, check: interestRow };
    await this.#page(shortInterest, about, { limit: 1, offset: 0 }, signal);
  }

  /** Short volume of one trading day, `yyyy-mm-dd`, summed over the reporting facilities. */
  async shortVolume(tradeDate: string, signal?: AbortSignal): Promise<Collected> {
    const { shortVolume } = this.#options.datasets ?? FINRA_DATASETS;
    const about = { dateField: "tradeReportDate", date: tradeDate, check: volumeRow };
    const page = await this.#allPages(shortVolume, about, signal);
    return shortVolumeOf(
      page.answer,
      tradeDate,
      this.#provenance("short.volume.v1", page.captured),
    );
  }

  /** The same from the file of the day, which needs one call. */
  async shortVolumeFile(tradeDate: string, signal?: AbortSignal): Promise<Collected> {
    const { client, filesUrl } = this.#options;
    const name = `CNMSshvol${tradeDate.replaceAll("-", "")}.txt`;
    const file = await client.ask({
      endpoint: FINRA_DAILY_FILE,
      parameters: { date: tradeDate },
      request: {
        url: new URL(`${filesUrl}/equity/regsho/daily/${name}`),
        accept: ["text/plain", "application/octet-stream"],
      },
      read: (answer, captured) =>
        dailyFileOf(
          readDailyFile(answer),
          tradeDate,
          this.#provenance("short.volume.v1", captured),
        ),
      ...(signal === undefined ? {} : { signal }),
    });
    return file.answer;
  }

  /** Every row about a date. The latency is that of all pages together. */
  async #allPages(
    dataset: string,
    about: About,
    signal: AbortSignal | undefined,
  ): Promise<Received<readonly unknown[]>> {
    const limit = this.#options.pageRows ?? PAGE_ROWS;
    const rows: unknown[] = [];
    let bytes = 0;
    let latencyMs = 0;
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const page = await this.#page(dataset, about, { limit, offset: rows.length }, signal);
      bytes += page.answer.bytes;
      this.#refuseTooMuch(dataset, about.date, bytes);
      rows.push(...page.answer.rows);
      latencyMs += page.captured.latencyMs;
      if (page.answer.rows.length < limit) {
        return { answer: rows, captured: { at: page.captured.at, latencyMs } };
      }
    }
    const message = `${dataset} has more than ${PAGES_MAX} pages about ${about.date}`;
    throw new ProviderError("provider.unreadable", message, { dataset });
  }

  /** Before the process is ended for it, which would end everything else that it does. */
  #refuseTooMuch(dataset: string, date: string, bytes: number): void {
    const { memoryBytes = MEMORY_BYTES } = this.#options;
    const needed = bytes * MEMORY_PER_BYTE;
    if (needed <= memoryBytes) return;
    const [limitMb, neededMb] = [memoryBytes, needed].map((each) => Math.ceil(each / MIB));
    const message = `${dataset} about ${date} takes ${neededMb} MB of memory and more, SHORT_INTEREST_MEMORY_LIMIT allows ${limitMb} MB: raise it where the machine has them, else look at what FINRA answers`;
    throw new ProviderError("provider.memory-limit", message, { dataset, neededMb, limitMb });
  }

  #page(
    dataset: string,
    { dateField, date, check }: About,
    place: { readonly limit: number; readonly offset: number },
    signal: AbortSignal | undefined,
  ) {
    const { client, apiUrl } = this.#options;
    const filter = { compareType: "EQUAL", fieldName: dateField, fieldValue: date };
    return client.ask({
      endpoint: datasetEndpoint(dataset),
      parameters: { date, limit: String(place.limit), offset: String(place.offset) },
      request: {
        url: new URL(`${apiUrl}/${dataset}`),
        method: "POST",
        // Without it FINRA answers CSV.
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...place, compareFilters: [filter] }),
        accept: ["application/json"],
      },
      read: (answer) => ({
        rows: readPage(answer, (row) => check(row, date)),
        bytes: answer.body.length,
      }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  #provenance(topic: FactTopic, captured: Captured): CapturedProvenance {
    const { simulated, staleness } = this.#options.client;
    return {
      source: FINRA_SOURCE,
      confidence: providerWeight(FINRA_SOURCE, topic),
      simulated,
      staleness,
      captured,
    };
  }
}
