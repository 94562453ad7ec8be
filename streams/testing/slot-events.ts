import type { Features } from "@amc/schemas/generated/events";
import type { AnyEvent } from "../kernel/stage.ts";
import { featuresOf, TEN_O_CLOCK } from "./features-builder.ts";

/** Features of the symbol `S<id>`. */
export function features(id: number, known: Partial<Features>): AnyEvent {
  const value = featuresOf({ symbol: `S${id}`, ...known });
  return { topic: "signals.features.v1", id: uuid(id), key: value.symbol, value };
}

export function tick(happenedAt: number, discovery = true): AnyEvent {
  const value = { happenedAt, discovery, cuts: [], source: "test" };
  return { topic: "ops.clock.v1", id: uuid(happenedAt % 1e12), key: null, value };
}

/** A setting that is changed at 10:00. */
export function control(setting: string, value: string): AnyEvent {
  const times = { happenedAt: TEN_O_CLOCK, publishedAt: TEN_O_CLOCK };
  const record = { setting, value, ...times, actor: "operator", reason: "test" };
  return { topic: "ops.control.v1", id: uuid(999), key: setting, value: record };
}

function uuid(last: number): string {
  return `00000000-0000-8000-8000-${String(last).padStart(12, "0")}`;
}
