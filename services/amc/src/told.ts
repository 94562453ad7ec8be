import { setTimeout } from "node:timers/promises";
import { isoUtc } from "@amc/streams/market/event-time";
import { EventFollower } from "./event-follower.ts";
import { tellFollowed } from "./output/event-printer.ts";
import type { Printer } from "./output/printer.ts";
import { RunSummary } from "./output/run-summary.ts";
import type { System } from "./system.ts";

/** How often the terminal looks for something new. */
export const LOOK_EVERY_MS = 50;
/** Names under which the terminal's positions are kept. */
const TOLD = "console-told";
const TOPICS = [
  ...(["discovery.run.v1", "discovery.recommendation.v1"] as const),
  ...(["discovery.shadow-run.v1", "signals.verdict.v1"] as const),
];

/** What the terminal has told: recommendations and runs as they come, alerts by the sender. */
export class Told {
  readonly summary = new RunSummary();
  readonly #system: System;
  readonly #printer: Printer;
  readonly #follower: EventFollower;
  #fraction = 0;
  #eventTime: number | null = null;

  private constructor(system: System, printer: Printer, follower: EventFollower) {
    this.#system = system;
    this.#printer = printer;
    this.#follower = follower;
  }

  static async open(system: System, printer: Printer): Promise<Told> {
    return new Told(system, printer, await EventFollower.resume(system.log, TOPICS, TOLD));
  }

  /** How far the recording has been written to the log. */
  reached(fraction: number, eventTime: number | null): void {
    this.#fraction = fraction;
    this.#eventTime = eventTime;
  }

  /** Tells what is new; returns how many events that were. */
  async look(): Promise<number> {
    const followed = await this.#follower.poll();
    tellFollowed(followed, this.#printer, this.summary);
    const alerts = await this.#system.alerts.deliverPending();
    const told = followed.events.length + followed.unreadable.length;
    if (told > 0) await this.#follower.acknowledge();
    this.summary.delivered(alerts);
    return told + alerts;
  }

  async showProgress(): Promise<void> {
    const behind = await this.#system.processor.lag();
    const ticks = this.#system.processor.counts().ticks;
    const processed = ticks + behind === 0 ? 0 : ticks / (ticks + behind);
    const at = this.#eventTime === null ? "" : ` ${isoUtc(this.#eventTime).slice(0, 16)}Z`;
    this.#printer.progress({
      fraction: this.#fraction * processed,
      label: `playing${at}`,
      phase: "playing",
      eventTime: this.#eventTime === null ? null : isoUtc(this.#eventTime),
    });
  }
}

/** Tells what happens until `stop` aborts. Rejects with what ends the system. */
export async function tellUntil(system: System, told: Told, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await Promise.race([setTimeout(LOOK_EVERY_MS * 4), system.ended]);
    await told.look();
  }
}
