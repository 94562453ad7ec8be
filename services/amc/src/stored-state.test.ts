import { readFileSync } from "node:fs";
import { newOutbox, newSeenAlerts } from "@amc/alert-sender/sms/outbox";
import { PLAYER_GROUP, playedRecordings } from "@amc/ingest-recordings/play/progress-state";
import { collectedDates } from "@amc/ingest-short-interest/collection/collected-dates";
import { jobStandings } from "@amc/platform/jobs/job-standing";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log, StateChange } from "@amc/platform/log/port";
import { HeldFacts } from "@amc/platform/runtime/held-facts";
import { HighWaterMarks } from "@amc/platform/runtime/high-water-marks";
import { LastTick } from "@amc/platform/runtime/last-tick";
import { systemLayout } from "@amc/platform/runtime/layout";
import { SCHEDULER_GROUP, storedState } from "@amc/scheduler/clock-state";
import { isText, mapOf } from "@amc/streams/kernel/json-shape";
import { Task } from "@amc/streams/kernel/task";
import { createTopology, DEFAULT_TOPOLOGY } from "@amc/streams/topology/topology";
import { describe, expect, it } from "vitest";
import { storedDays } from "./live/market-days.ts";
import { storedSamples } from "./testing/stored-samples.ts";

const GOLDEN = "stored-state.golden.json";

/** Hexadecimal bytes by `<store>/<format>`; a line is never edited, a new format is a new line. */
function readGolden(): Readonly<Record<string, string>> {
  const json: unknown = JSON.parse(readFileSync(new URL(GOLDEN, import.meta.url), "utf8"));
  if (!mapOf(isText)(json)) throw new TypeError(`${GOLDEN} is no object of texts`);
  return json;
}

const golden = readGolden();

/** Puts bytes back as a start does, by the name of the store. */
type Restore = (key: string, bytes: Uint8Array) => unknown;

/** What stages and runtime, the player of recordings and the scheduler read at a start. */
function restores(): ReadonlyMap<string, Restore> {
  const ofStages = createTopology(DEFAULT_TOPOLOGY).flatMap(
    (subtopology) => new Task(subtopology, { partition: 0, partitions: 1 }, () => undefined).stores,
  );
  const ofRuntime = [new HeldFacts().store, new LastTick().store, new HighWaterMarks().store];
  const ofMessages = [newOutbox(), newSeenAlerts()];
  const keyed = [...ofStages, ...ofRuntime, ...ofMessages].map((store): [string, Restore] => [
    store.name,
    (key, bytes) => store.restore(key, bytes),
  ]);
  return new Map([
    ...keyed,
    [
      "recordings",
      async (key, value) =>
        playedRecordings(await logWith(PLAYER_GROUP, { store: "recordings", key, value })),
    ],
    [
      "short-interest.collected",
      async (key, value) => {
        const at = { group: "jobs.short-interest", partition: 0 };
        const change = { store: "short-interest.collected", key, value };
        return collectedDates(await logWith(at.group, change), at);
      },
    ],
    [
      "jobs.standing",
      async (key, value) => {
        const at = { group: "jobs.projector", partition: 0 };
        return jobStandings(await logWith(at.group, { store: "jobs.standing", key, value }), at);
      },
    ],
    [
      "live.market-days",
      async (key, value) => {
        const at = { group: PLAYER_GROUP, partition: 0 };
        const change = { store: "live.market-days", key, value };
        return storedDays(await logWith(at.group, change), at, key);
      },
    ],
    [
      "scheduler.clock",
      async (key, value) =>
        storedState(await logWith(SCHEDULER_GROUP, { store: "scheduler.clock", key, value })),
    ],
  ]);
}

async function logWith(group: string, change: StateChange): Promise<Log> {
  const log = createMemoryLog(systemLayout(1), () => 0);
  const lease = await log.acquire(group, 0);
  await log.commit({ appends: [], lease, state: [change] });
  return log;
}

const samples = storedSamples().map((sample) => ({
  ...sample,
  line: `${sample.store}/${sample.bytes[0]}`,
  hex: Buffer.from(sample.bytes).toString("hex"),
}));

function whatToDo(line: string, hex: string): string {
  if (golden[line] === undefined) {
    return `${line} is a format that ${GOLDEN} does not hold yet: add "${line}": "${hex}"`;
  }
  return (
    `${line} is stored in other bytes than data directories and changelogs hold under this number. ` +
    `Give the layout the next format in its codec, so that the old one is refused or read on purpose, ` +
    `and leave this line of ${GOLDEN} as it is`
  );
}

describe("stored state", () => {
  it("has a sample of every store there is", () => {
    const stores = new Set(samples.map(({ store }) => store));
    expect([...stores].sort()).toEqual([...restores().keys()].sort());
  });

  it.each(samples)("of $line keeps the bytes that its format stands for", ({ line, hex }) => {
    expect(hex, whatToDo(line, hex)).toBe(golden[line]);
  });

  it.each(Object.entries(golden))("of %s is read, or refused by its format", async (line, hex) => {
    const [name = ""] = line.split("/");
    const key = samples.find(({ store }) => store === name)?.key ?? "";
    const restored = (async () => restores().get(name)?.(key, Buffer.from(hex, "hex")))();
    if (samples.some((sample) => sample.line === line)) await restored;
    else await expect(restored).rejects.toMatchObject({ code: "state.format" });
  });
});
