import type { GateResult } from "@amc/schemas/generated/events";
import { type Unit, written } from "./quantities.ts";

interface GateText {
  readonly title: string;
  readonly unit: Unit;
}

/** Gates by the names of `GATE_NAMES` (streams/gates); any other is shown under its own name. */
const GATES: ReadonlyMap<string, GateText> = new Map([
  ["min_relvol_30", { title: "Relative volume", unit: "times" }],
  ["min_volume_spike", { title: "Volume spike", unit: "times" }],
  ["min_atr_pct", { title: "Daily range (ATR)", unit: "percent" }],
  ["vwap_reclaim", { title: "Price against VWAP", unit: "dollars" }],
  ["rsi_band", { title: "RSI(14)", unit: "points" }],
  ["ema_cross", { title: "EMA9 over EMA20", unit: "dollars" }],
  ["float_path", { title: "Float", unit: "shares" }],
  ["price_range", { title: "Price range", unit: "dollars" }],
  ["min_dollar_volume", { title: "Dollar volume", unit: "dollars" }],
  ["momentum_confirmation", { title: "Five-day change", unit: "percent" }],
  ["tradable", { title: "Tradable", unit: "points" }],
]);

export function gateTitle(gate: string): string {
  return GATES.get(gate)?.title ?? humanised(gate);
}

/** One gate as a sentence: what was seen, the limit, and how far away it was. */
export function gateSentence(result: GateResult): string {
  const title = gateTitle(result.gate);
  if (result.outcome === "NOT_APPLICABLE")
    return `${title} does not apply here${because(result.reason)}.`;
  const seen = observation(result);
  if (result.outcome === "PASSED") return `${title} passed${seen}.`;
  const kind = result.hard ? "failed" : "fell short (a warning, it rejects nothing)";
  return seen === "" ? `${title} ${kind}${because(result.reason)}.` : `${title} ${kind}${seen}.`;
}

/** The value or limit of a gate with its unit; null stays null. */
export function gateFigure(gate: string, figure: number | null): string | null {
  return figure === null ? null : written(figure, GATES.get(gate)?.unit ?? "points");
}

export function humanised(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function observation({ gate, value, threshold, margin }: GateResult): string {
  const seen = gateFigure(gate, value);
  if (seen === null) return "";
  const limit = threshold === null ? "" : ` against a limit of ${gateFigure(gate, threshold)}`;
  return `: ${seen}${limit}${distance(margin)}`;
}

function distance(margin: number | null): string {
  if (margin === null) return "";
  if (margin === 0) return ", exactly at it";
  // Beyond twice the limit a multiple says more than a percentage.
  if (margin >= 1) return `, ${written(1 + margin, "times")} the limit`;
  const size = `${(Math.abs(margin) * 100).toFixed(Math.abs(margin) < 0.1 ? 1 : 0)} %`;
  return margin > 0 ? `, ${size} to spare` : `, ${size} short of it`;
}

/** Inputs by the names that `missing:<input>` uses (streams/gates/hard-gates.ts). */
const INPUTS: ReadonlyMap<string, string> = new Map([
  ["relvol_30", "relative volume"],
  ["volume_spike", "the volume spike"],
  ["atr", "the ATR"],
  ["price", "the price"],
  ["vwap", "the session's VWAP"],
  ["rsi", "the RSI"],
  ["ema", "the EMAs"],
  ["float", "the float"],
  ["dollar_volume", "the dollar volume"],
  ["momentum", "the trend"],
]);

const REASONS: ReadonlyMap<string, string> = new Map([
  ["not-required", "this session or profile does not ask for it"],
  ["daily-resolution", "the source has daily bars only"],
  ["path:none", "no float path fits"],
  ["halted", "trading is halted"],
  ["suspect:unexplained-jump", "the price jumped overnight without an explanation"],
]);

function because(reason: string | null): string {
  if (reason === null) return "";
  const input = /^missing:(.+)$/.exec(reason)?.[1];
  if (input !== undefined)
    return `: ${INPUTS.get(input) ?? humanised(input).toLowerCase()} is not known`;
  return `: ${REASONS.get(reason) ?? reason.replace(/[_-]+/g, " ")}`;
}
