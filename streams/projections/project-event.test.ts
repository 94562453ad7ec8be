import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnyEvent } from "../kernel/stage.ts";
import { TEN_O_CLOCK } from "../testing/features-builder.ts";
import { position } from "../testing/portfolio-events.ts";
import {
  alertDelivery,
  alertRequested,
  detection,
  features,
  oneSlot,
  priceTick,
  recommendation,
  run,
  runIdAt,
  stageTiming,
  verdict,
} from "../testing/projected-events.ts";
import { given } from "../testing/projection-spec.ts";
import { columnsOf, isTableName, TABLE_NAMES, tableOf } from "./tables.ts";

const QUARTER_MS = 15 * 60_000;

describe("projections", () => {
  it("leave the tables as they were when a batch is redelivered at the same offsets", () => {
    const once = given(...oneSlot());
    const again = given().when(oneSlot(), { redelivered: 3 });
    expect(again.everything()).toEqual(once.everything());
  });

  it("leave the tables as they were when a batch is written again at new offsets", () => {
    const once = given(...oneSlot());
    const again = given().when(oneSlot(), { repeated: 3 });
    expect(again.everything()).toEqual(once.everything());
  });

  it("give the same tables whatever the order in which topics and partitions are read", () => {
    const events = [
      ...oneSlot(),
      priceTick({ happenedAt: TEN_O_CLOCK + 60_000, close: 22 }),
      features({ happenedAt: TEN_O_CLOCK + QUARTER_MS, price: 22 }),
      run({ slot: TEN_O_CLOCK + QUARTER_MS }),
      priceTick({ symbol: "AMC" }),
    ];
    // Offsets, and so the index of places, depend on the order in which records were written.
    const comparable = (ordered: readonly AnyEvent[]) => ({
      ...given(...ordered).everything(),
      event_index: null,
    });
    const expected = comparable(events);
    const places = events.map((_, place) => place);
    fc.assert(
      fc.property(fc.shuffledSubarray(places, { minLength: places.length }), (order) => {
        expect(comparable(order.flatMap((place) => events[place] ?? []))).toEqual(expected);
      }),
    );
  });

  it("set every time column of a row from its event", () => {
    const past = Date.UTC(2013, 9, 1, 14);
    const spec = given(
      recommendation({ happenedAt: past, publishedAt: past + 1, capturedAt: past + 2, slot: past }),
    );
    expect(spec.rows("recommendations")).toMatchObject([
      {
        happened_at: past,
        published_at: past + 1,
        captured_at: past + 2,
        created_at: past,
        short_interest_updated_at: Date.UTC(2021, 0, 12, 23),
      },
    ]);
  });

  it("index the first place of an event and do not index facts or plain slices", () => {
    const spec = given(priceTick(), features({ trigger: "SLICE", slot: null }), stageTiming());
    expect(spec.rows("event_index")).toEqual([]);
    spec.when([verdict()], { repeated: 2 });
    expect(spec.rows("event_index")).toMatchObject([
      { event_id: verdict().id, topic: "signals.verdict.v1", partition: 0, log_offset: 0 },
    ]);
  });
});

describe("features and prices", () => {
  it("keep the newest row of a symbol when an older event comes after it", () => {
    const later = features({ happenedAt: TEN_O_CLOCK + 60_000, price: 22 });
    const spec = given(later, features({ price: 20 }), priceTick({ close: 5 }));
    expect(spec.rows("features_latest")).toMatchObject([{ event_id: later.id, price: 22 }]);
    spec.when([priceTick({ happenedAt: TEN_O_CLOCK - 1, close: 4 })]);
    expect(spec.rows("prices_latest")).toMatchObject([{ close: 5 }]);
  });

  it("keep as history only what was evaluated", () => {
    const slot = features();
    const crossing = features({ happenedAt: TEN_O_CLOCK + 1, trigger: "CROSSING", slot: null });
    const plain = features({ happenedAt: TEN_O_CLOCK + 2, trigger: "SLICE", slot: null });
    const spec = given(slot, crossing, plain);
    const triggers = spec
      .rows("features_slot")
      .map((row) => ("trigger" in row ? row.trigger : null));
    expect(new Set(triggers)).toEqual(new Set(["crossing", "slot"]));
    expect(spec.rows("features_latest")).toMatchObject([{ event_id: plain.id }]);
  });
});

describe("verdicts, runs and alerts", () => {
  it("count the hard gates that failed, for the near misses", () => {
    const gate = {
      gate: "rsi",
      outcome: "FAILED",
      hard: true,
      value: 80,
      threshold: 70,
      margin: -0.14,
      reason: "above",
    } as const;
    const gates = [gate, { ...gate, gate: "news", hard: false }, { ...gate, gate: "atr" }];
    const spec = given(verdict({ passed: false, label: "NONE", firstFailure: "rsi", gates }));
    expect(spec.rows("verdicts")).toMatchObject([{ failed_gates: 2, first_failure: "rsi" }]);
  });

  it("leave one audit row per run id, with the count before the cap", () => {
    const first = run({ candidatesBeforeCap: 120 });
    const spec = given(first).when([first], { repeated: 2 });
    expect(spec.rows("discovery_audit_log")).toMatchObject([
      {
        discovery_run_id: runIdAt(TEN_O_CLOCK),
        strategy_used: "unified_detectors",
        session_type: "regular",
        universe_size: 3,
        candidates_found: 120,
        provider_success_rates: {
          rates: null,
          reason: "no provider was called in the hour before the run",
        },
        gate_failure_stats: [{ gate: "relvol", first: 2, all: 2 }],
        created_at: TEN_O_CLOCK,
      },
    ]);
  });

  it("keep each attempt to deliver an alert beside the alert", () => {
    const failed = alertDelivery({ status: "FAILED", error: "provider.timeout" });
    const told = { channel: "sms", recipient: "+1202•••0100", reference: "SM1" };
    const sent = alertDelivery({
      ...{ ...told, happenedAt: TEN_O_CLOCK + 5, attempt: 2, requestedAt: TEN_O_CLOCK },
    });
    const spec = given(sent, failed, alertRequested());
    expect(spec.rows("alerts")).toMatchObject([{ priority: "high", episode: "GME/up/2021-01-13" }]);
    expect(spec.rows("alert_deliveries")).toMatchObject([
      { attempt: 1, status: "failed", error: "provider.timeout" },
      { ...told, attempt: 2, status: "sent", error: null, requested_at: TEN_O_CLOCK },
    ]);
  });

  it("keep the error and the null score of a detector that failed", () => {
    const spec = given(detection({ score: null, confidence: 0, error: "detector.failed" }));
    expect(spec.rows("detections")).toMatchObject([{ score: null, error: "detector.failed" }]);
  });
});

describe("the table registry", () => {
  it("names existing columns as keys and as order of age", () => {
    for (const name of TABLE_NAMES) {
      const columns = columnsOf(name).map(([column]) => column);
      const { key, newestBy = [] } = tableOf(name);
      expect(columns, name).toEqual(expect.arrayContaining([...key, ...newestBy]));
    }
  });

  it("knows its own names only", () => {
    expect(isTableName("recommendations")).toBe(true);
    expect(isTableName("toString")).toBe(false);
  });

  it("keep of each account and symbol the newest record, whatever its as-of, and a closed one as 0", () => {
    const spec = given(
      position({ happenedAt: TEN_O_CLOCK, quantity: 100 }),
      position({ happenedAt: TEN_O_CLOCK + 1, quantity: -40, averageEntryPrice: 21 }),
      position({ happenedAt: TEN_O_CLOCK, account: "ira", quantity: 0.125 }),
      position({ happenedAt: TEN_O_CLOCK, symbol: "AMC" }),
      position({
        happenedAt: TEN_O_CLOCK + 1,
        symbol: "AMC",
        quantity: 0,
        averageEntryPrice: null,
      }),
      // Two importers at once: what compaction leaves is the later record, so the row is too.
      position({ happenedAt: TEN_O_CLOCK - 1, quantity: 7 }),
    );
    expect(spec.misfits).toEqual([]);
    expect(spec.rows("portfolio_positions")).toMatchObject([
      { account: "ira", symbol: "GME", quantity: 0.125 },
      { account: "main", symbol: "AMC", quantity: 0, average_entry_price: null },
      {
        account: "main",
        symbol: "GME",
        quantity: 7,
        happened_at: TEN_O_CLOCK - 1,
        basis: "stated",
      },
    ]);
  });

  it("leave positions as they were when a batch of them is written again at new offsets", () => {
    const batch = [
      position({ quantity: 1 }),
      position({ quantity: 2, happenedAt: TEN_O_CLOCK + 1 }),
    ];
    const placeless = (spec: ReturnType<typeof given>) =>
      spec.rows("portfolio_positions").map((row) => ({ ...row, log_offset: null }));
    const again = given().when(batch, { repeated: 3 });
    expect(placeless(again)).toEqual(placeless(given(...batch)));
  });
});
