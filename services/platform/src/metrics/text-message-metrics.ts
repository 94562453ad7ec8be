import { Counter, type Registry } from "prom-client";
import { ScrapedGauges } from "./scrape.ts";

/**
 * How an attempt at a text message ended. `refused`: the account, its token or its address is wrong, so nobody
 * gets any; `rejected`: this number or text is. `old`: too late as it was asked for; `too_late`: it became that
 * while it waited.
 */
export const TEXT_MESSAGE_ENDS = [
  "sent",
  "retried",
  "refused",
  "rejected",
  "undelivered",
  "too_late",
  "outcome_unknown",
  "old",
  "simulated",
  "recipient_removed",
] as const;
export type TextMessageEnd = (typeof TEXT_MESSAGE_ENDS)[number];

/** When the oldest message that waits was taken up, UTC ms; null when none waits. */
export type OldestWaiting = () => number | null;

/** What this process does of text messages. Without a series where it sends none. */
export class TextMessageMetrics {
  readonly #ends: Counter<"end">;
  readonly #waiting = new Set<OldestWaiting>();

  constructor(registry: Registry, nowMs: () => number) {
    this.#ends = new Counter({
      ...{ name: "amc_text_messages_total", labelNames: ["end"] as const, registers: [registry] },
      help: "Attempts at text messages by their end: one per alert, recipient and try",
    });
    new ScrapedGauges(registry, async () => this.#waitedMs(nowMs())).add({
      name: "amc_text_messages_waiting_seconds",
      help: "How long the oldest text message of this process has waited; 0 when none waits",
      labels: [],
      series: (waited) => waited.map((ms) => [{}, ms / 1000] as const),
    });
  }

  /** What was never counted is 0 and not absent: an alert sees the first failure, not the second. */
  opened(): void {
    for (const end of TEXT_MESSAGE_ENDS) this.#ends.inc({ end }, 0);
  }

  ended(end: TextMessageEnd): void {
    this.#ends.inc({ end });
  }

  /** Asks at every scrape, until what is returned is called. */
  watch(oldest: OldestWaiting): () => void {
    this.#waiting.add(oldest);
    return () => this.#waiting.delete(oldest);
  }

  /** Empty where nothing is watched. */
  #waitedMs(nowMs: number): readonly number[] {
    if (this.#waiting.size === 0) return [];
    const since = [...this.#waiting].flatMap((oldest) => oldest() ?? []);
    return [Math.max(0, ...since.map((ms) => nowMs - ms))];
  }
}
