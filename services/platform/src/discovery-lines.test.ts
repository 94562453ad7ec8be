import { encodeEvent } from "@amc/schemas/codec";
import type { GateResult } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import type { AnyEvent } from "@amc/streams/kernel/stage";
import { slotClosedFor } from "@amc/streams/testing/candidate-builder";
import {
  candidate,
  detection,
  features,
  recommendation,
  run,
  stageTiming,
  verdict,
} from "@amc/streams/testing/projected-events";
import { describe, expect, it } from "vitest";
import { DiscoveryLines } from "./discovery-lines.ts";
import type { Append } from "./log/port.ts";

type Line = Readonly<Record<string, unknown>>;
type Event = Pick<AnyEvent, "topic" | "value">;

function linesOf(events: readonly Event[]): Line[] {
  const told: Line[] = [];
  const lines = new DiscoveryLines({ debug: (facts) => told.push({ ...facts }) });
  lines.committed({ appends: events.map(appendOf) });
  return told;
}

function appendOf({ topic, value }: Event): Append {
  const headers = eventHeaders({ id: "x", source: "/t", topic, happenedAt: value.happenedAt });
  return { topic, key: "k", value: encodeEvent(topic, value), headers };
}

const { value: passing } = verdict();
const { slot } = passing;
const atSlot = { slot, trigger: "SLOT" } as const;
const failed: GateResult = {
  ...{ gate: "min_relvol_30", outcome: "FAILED", hard: true },
  ...{ value: 1.2, threshold: 2.5, margin: -0.52, reason: "below" },
};
const other = { ...failed, gate: "rsi_band", reason: "above", value: 90, threshold: 75 };

function fallen(symbol: string, gates = [failed]): Event {
  const fell = { passed: false, firstFailure: gates[0]?.gate ?? null, gates };
  return verdict({ ...atSlot, symbol, ...fell });
}

function closing(universe: number, passed: number, leftOut = 0): Event {
  const eliminations = [
    { gate: "min_relvol_30", first: universe - passed, all: universe - passed },
    { gate: "rsi_band", first: 0, all: 1 },
  ];
  const reduction = leftOut === 0 ? null : { floorUsd: 5, leftOut };
  const known = { ...atSlot, slot: slot ?? 0, universe, eliminations, reduction };
  const value = slotClosedFor(0, 1, passed, known);
  return { topic: "ops.slot-closed.v1", value };
}

describe("lines about a slot", () => {
  it("name the nearest twenty of the symbols that fell, and count the others", () => {
    const far = Array.from({ length: 24 }, (_, index) => fallen(`F${index}`, [failed, other]));
    const told = linesOf([...far, fallen("NEAR"), closing(25, 0)]);
    const line = told.find(({ stage }) => stage === "verdict");
    expect(line).toMatchObject({ in: 25, out: 0, fell: { min_relvol_30: 25 }, unnamed: 5 });
    expect(line?.nearest).toHaveLength(20);
    expect(line?.nearest).toContainEqual({
      ...{ symbol: "NEAR", gate: "min_relvol_30", reason: "below", value: 1.2, threshold: 2.5 },
      gates: 1,
    });
    expect(line?.nearest).toMatchObject({ 0: { symbol: "NEAR" }, 1: { symbol: "F0", gates: 2 } });
  });

  it("say what each stage took and gave, and what detectors that are silent lack", () => {
    const told = linesOf([
      features({ ...atSlot, symbol: "A" }),
      features({ ...atSlot, symbol: "B" }),
      detection({ ...atSlot, symbol: "A", detector: "squeeze", score: 0.5 }),
      detection({
        ...atSlot,
        symbol: "B",
        detector: "squeeze",
        score: null,
        missing: ["shortFraction"],
      }),
      detection({ ...atSlot, symbol: "B", detector: "technicals", score: null, error: "boom" }),
      fallen("B"),
      candidate({ ...atSlot, slot: slot ?? 0, symbol: "A", listed: false, confidence: 0.31 }),
      closing(2, 1),
    ]);
    expect(told).toMatchObject([
      {
        stage: "features",
        in: 2,
        out: 2,
        slot: new Date(slot ?? 0).toISOString(),
        trigger: "SLOT",
      },
      { stage: "squeeze", in: 2, out: 1, silent: 1, errors: {}, missing: { shortFraction: 1 } },
      { stage: "technicals", in: 2, out: 0, silent: 1, errors: { boom: 1 } },
      { stage: "verdict", in: 2, out: 1, unlisted: [{ symbol: "A", confidence: 0.31 }] },
    ]);
  });

  it("count the symbols that a reduced universe leaves out, which no detector takes", () => {
    const symbols = ["A", "B", "C"].map((symbol) => features({ ...atSlot, symbol }));
    const asked = detection({ ...atSlot, symbol: "A", detector: "squeeze", score: 0.5 });
    const told = linesOf([...symbols, asked, closing(1, 1, 2)]);
    expect(told).toMatchObject([
      { stage: "features", in: 3, out: 1, leftOut: 2 },
      { stage: "squeeze", in: 1, out: 1 },
      { stage: "verdict", in: 1, out: 1 },
    ]);
  });

  it("leave out what is looked at between two slots", () => {
    const between = features({ slot: null, trigger: "CROSSING", symbol: "C" });
    const [line] = linesOf([between, features({ ...atSlot, symbol: "A" }), closing(1, 1)]);
    expect(line).toMatchObject({ stage: "features", in: 1 });
  });

  it("keep two slots of one batch apart, and two triggers of one slot", () => {
    const first = slot ?? 0;
    const places = [
      { slot: first, trigger: "SLOT" },
      { slot: first, trigger: "DAILY" },
      { slot: first + 900_000, trigger: "SLOT" },
    ] as const;
    const told = linesOf(
      places.flatMap((place, index) => [
        ...["A", "B", "C"].slice(index).map((symbol) => features({ ...place, symbol })),
        detection({ ...place, symbol: "C", detector: "squeeze", score: index === 1 ? null : 0.5 }),
        verdict({ ...place, symbol: `F${index}`, passed: false, firstFailure: null }),
        candidate({ ...place, symbol: `U${index}`, listed: false }),
        { topic: "ops.slot-closed.v1", value: slotClosedFor(0, 1, 1, { ...place, universe: 9 }) },
      ]),
    );
    const [known, scored, fell, unlisted] = [
      [3, 2, 1],
      [1, 0, 1],
      ["F0", "F1", "F2"],
      ["U0", "U1", "U2"],
    ];
    expect(told).toMatchObject(
      places.flatMap(({ slot: at, trigger }, index) => {
        const place = { slot: new Date(at).toISOString(), trigger };
        return [
          { ...place, stage: "features", in: known[index] },
          { ...place, stage: "squeeze", in: known[index], out: scored[index] },
          {
            ...{ ...place, stage: "verdict", nearest: [{ symbol: fell[index] }] },
            unlisted: [{ symbol: unlisted[index] }],
          },
        ];
      }),
    );
  });

  it("say what a stage handled and how long it took, for the slot that its slice closed", () => {
    const later = (slot ?? 0) + 900_000;
    const timings = [
      stageTiming({ slot, stage: "features", events: 7, totalMs: 1.234_5 }),
      stageTiming({ slot, stage: "verdict", events: 5, totalMs: 2 }),
      stageTiming({ slot: later, stage: "features", events: 9, totalMs: 3.996 }),
      stageTiming({ slot: null, stage: "verdict", events: 1, totalMs: 100 }),
    ];
    const [ofFirst, ofLater] = [closing(1, 1), slotClosedFor(0, 1, 1, { ...atSlot, slot: later })];
    const told = linesOf([
      ...[features({ ...atSlot, symbol: "A" }), ofFirst],
      ...[{ topic: "ops.slot-closed.v1", value: ofLater } as const, ...timings],
    ]);
    expect(told.map(({ stage, handled, ms }) => [stage, handled, ms])).toEqual([
      ...[
        ["features", 7, 1.23],
        ["verdict", 5, 2],
      ],
      ...[
        ["features", 9, 4],
        ["verdict", undefined, undefined],
      ],
    ]);
  });

  it("say of a run what fell between it and the gates, and whom it recommended", () => {
    const { value } = run();
    const { runId, passed, candidates, candidatesBeforeCap } = value;
    const told = linesOf([run(), recommendation({ runId, symbol: "GME" })]);
    expect(told).toMatchObject([
      {
        ...{ stage: "discovery", runId, in: passed, out: candidates.length },
        ...{ unlisted: passed - candidatesBeforeCap, recommended: ["GME"], recommendations: 1 },
      },
    ]);
  });
});
