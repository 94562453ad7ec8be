import { discoverySlots } from "@amc/streams/market/discovery-slots";
import type { RecordingDescription } from "../describe.ts";
import type { RecordingManifest } from "../manifest.ts";
import { type InstantRange, instantRange } from "../time/publication.ts";
import { zonedClock } from "../time/zoned-clock.ts";

const DEFAULT_SLOTS = { everyMinutes: 15 } as const;
const ALL_SESSIONS = { premarket: true, afterhours: true } as const;

/** When ticks fall: at the end of every slice that has facts, and at every discovery slot. */
export class TickSchedule {
  readonly #sliceMs: number;
  readonly #evaluate: InstantRange;
  readonly #slots: readonly number[];
  #nextSlot = 0;

  constructor(manifest: RecordingManifest, description: RecordingDescription, sliceMs: number) {
    this.#sliceMs = sliceMs;
    this.#evaluate = instantRange(manifest.evaluate ?? {}, zonedClock(manifest.timeZone).toUtc);
    this.#slots = slotsOf(manifest, description, this.#evaluate, this.sliceEnd.bind(this));
  }

  /** End of the slice that a publication falls into: the first multiple of the slice at or after. */
  sliceEnd(publishedAt: number): number {
    return Math.ceil(publishedAt / this.#sliceMs) * this.#sliceMs;
  }

  /** True when slots fire at a tick. */
  isEvaluated(atMs: number): boolean {
    return atMs >= this.#evaluate.fromMs && atMs <= this.#evaluate.toMs;
  }

  /** Passes over the slots up to an instant that has its tick. */
  skipTo(tickMs: number): void {
    while ((this.#slots[this.#nextSlot] ?? Infinity) <= tickMs) this.#nextSlot += 1;
  }

  /** The next slot before an instant, null when there is none; `skipTo` moves on. */
  slotBefore(atMs: number): number | null {
    const slot = this.#slots[this.#nextSlot];
    return slot !== undefined && slot < atMs ? slot : null;
  }
}

function slotsOf(
  manifest: RecordingManifest,
  description: RecordingDescription,
  evaluate: InstantRange,
  sliceEnd: (publishedAt: number) => number,
): number[] {
  const { firstPublishedAt, lastPublishedAt, hasIntradayPrices } = description;
  const slots = manifest.slots ?? (hasIntradayPrices ? DEFAULT_SLOTS : "none");
  if (slots === "none" || firstPublishedAt === null || lastPublishedAt === null) return [];
  const fromMs = Math.max(evaluate.fromMs, firstPublishedAt);
  const toMs = Math.min(evaluate.toMs, sliceEnd(lastPublishedAt));
  return discoverySlots(fromMs, toMs + 1, slots.everyMinutes, ALL_SESSIONS);
}
