import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { loadConfig } from "@amc/platform/config/load-config";
import { digestsOf } from "@amc/replay/log-digests";
import { runInMemory } from "@amc/replay/run-topology";
import { slicesFromLog } from "@amc/replay/slices-from-log";
import { ticksOf } from "@amc/scheduler/testing/ticks-of";
import { dayStart } from "@amc/streams/market/clock-ticks";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { loadRecordingSlices, openRecording } from "../recordings.ts";
import {
  BUILT_IN,
  differences,
  openRealStack,
  type RealStack,
  stackParts,
  TOPOLOGY,
} from "../testing/real-stack.ts";
import { runCommand } from "../testing/run-command.ts";
import { ServiceProcess, textIn, until } from "../testing/service-process.ts";
import { openServiceLog } from "./service-log.ts";

// Schedulers are killed one after the other on a machine that may be busy with other suites.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });

const skipped = stackParts.map((part) => part.skipped).join("");
const isMissing = stackParts.some(({ address }) => address === null);

const PROGRAM = fileURLToPath(new URL("../testing/scheduler-process.ts", import.meta.url));
const PARTITIONS = [0, 1, 2, 3];
const TICK_MS = 60_000;
const FROM_MS = newYorkToUtc("2021-01-13", "09:29");
const TO_MS = newYorkToUtc("2021-01-13", "10:30");
const INSTANTS = Array.from(
  { length: (TO_MS - FROM_MS) / TICK_MS + 1 },
  (_, index) => FROM_MS + index * TICK_MS,
);

/** A scheduler on virtual time with what it has said; `killAt` kills it once it said so many. */
async function schedule(
  stack: RealStack,
  { toMs = TO_MS, mode = "sound", killAt = Number.POSITIVE_INFINITY } = {},
): Promise<{ said: number; end: number | string | null }> {
  const words = [PROGRAM, FROM_MS, toMs, TICK_MS, mode].map(String);
  const env = { ...process.env, ...stack.environment };
  const child: ChildProcess = spawn(process.execPath, words, {
    ...{ env, stdio: ["ignore", "pipe", "inherit"] },
  });
  const ended = once(child, "close");
  let said = 0;
  if (child.stdout === null) throw new TypeError("no pipe");
  for await (const _line of createInterface({ input: child.stdout })) {
    said += 1;
    if (said === killAt) child.kill("SIGKILL");
  }
  await ended;
  return { said, end: child.exitCode ?? child.signalCode };
}

describe.skipIf(isMissing)(`a scheduler on Kafka${skipped}`, () => {
  let stack: RealStack;

  beforeAll(async () => {
    stack = await openRealStack();
  });

  afterAll(async () => {
    await stack?.close();
  });

  it("makes runs and a recommendation of facts that come without time, though it is killed again and again", async () => {
    const log = await openServiceLog(loadConfig(stack.environment), {
      ...{ role: "ingest", instance: 0 },
      onRestored: () => undefined,
    });
    const slices = await loadRecordingSlices(await openRecording(...BUILT_IN));
    const facts = slices.flatMap((slice) => slice.facts.map(({ append }) => append));
    await log.commit({ appends: facts });
    await log.close();
    const processor = stack.start("processor", "--instances", "2");
    const projector = stack.start("projector");
    const api = stack.start("api");

    const ends: unknown[] = [];
    for (const killAt of [20, 1, 15]) ends.push((await schedule(stack, { killAt })).end);
    ends.push((await schedule(stack)).end);
    expect(ends).toEqual(["SIGKILL", "SIGKILL", "SIGKILL", 0]);
    for (const partition of PARTITIONS) {
      const ticks = await ticksOf(stack.log, partition);
      expect(ticks.map(({ happenedAt }) => happenedAt)).toEqual(INSTANTS);
      expect(new Set(ticks.map(({ id }) => id)).size).toBe(INSTANTS.length);
    }

    const [address] = (await api.said("service")).map((line) => textIn(line, "address"));
    const answered = async (): Promise<string> =>
      (await fetch(`${address}/recommendations`)).text();
    const isVisible = async () =>
      (await stack.progress()).untaken === 0 && (await answered()).includes('"GME"');
    await until(isVisible, () => processor.log.slice(-3_000));
    expect(JSON.parse(await answered())).toMatchObject({
      data: [{ symbol: "GME", label: "trade_ready", happenedAt: "2021-01-13T15:00:00.000Z" }],
    });
    // What was live is what a replay of the log says, run by run.
    const replayed = await digestsOf(await runInMemory(await slicesFromLog(stack.log), TOPOLOGY));
    expect(replayed.get("discovery.run.v1")?.records).toBe(5);
    expect(await differences(stack.log, replayed)).toEqual([]);
    for (const service of [processor, projector, api]) expect(await service.stop()).toBe(0);
  });

  it("would publish instants twice if it did not look for its last tick: the control", async () => {
    const before = await ticksOf(stack.log, 0);
    const { end } = await schedule(stack, { toMs: FROM_MS + 4 * TICK_MS, mode: "forgetful" });
    expect(end).toBe(0);
    const ticks = await ticksOf(stack.log, 0);
    expect(ticks.length).toBe(before.length + 5);
    expect(new Set(ticks.map(({ id }) => id)).size).toBe(before.length);
  });

  it("publishes nothing when it is switched off, and is ready to", async () => {
    const before = await stack.log.endOffset("ops.clock.v1", 0);
    const off = new ServiceProcess(["scheduler"], {
      ...stack.environment,
      SCHEDULER_ENABLED: "false",
    });
    onTestFinished(() => off.kill());
    const [line] = await off.said("service");
    expect((await fetch(`${textIn(line, "address")}/readyz`)).status).toBe(200);
    expect(await off.stop(), off.log.slice(-2_000)).toBe(0);
    expect(await stack.log.endOffset("ops.clock.v1", 0)).toBe(before);
  });

  it("publishes the time that it is, one instance of several, and another goes on when that is killed", async () => {
    // Its first instant is at most the wait for late facts before it starts.
    const beganMs = Date.now() - TICK_MS;
    const first = stack.start("scheduler");
    const nextInstants = async () => {
      const ticks = await ticksOf(stack.log, 0);
      return ticks.filter(({ happenedAt }) => happenedAt > TO_MS).map((tick) => tick.happenedAt);
    };
    await until(
      async () => (await nextInstants()).length > 0,
      () => first.log.slice(-2_000),
    );
    const second = stack.start("scheduler");
    const [line] = await second.said("service");
    await first.kill();
    const address = textIn(line, "address");
    const isReady = async () => (await fetch(`${address}/readyz`)).status === 200;
    await until(
      async () => second.log.includes("the clock goes on"),
      () => second.log,
    );
    await until(isReady, () => second.log.slice(-2_000));
    const told = async (...words: string[]) =>
      (await runCommand([...words, "--json"], stack.environment)).stdout;
    for (const [words, standing] of [
      [["status", "--kafka"], '"scheduler","state":"publishing"'],
      [["doctor"], '"scheduler","status":"ok","detail":"publishes: '],
    ] as const) {
      const isTold = async () => (await told(...words)).includes(standing);
      await until(isTold, () => second.log.slice(-2_000));
    }
    expect((await fetch(`${address}/livez`)).status).toBe(200);
    expect(await (await fetch(`${address}/metrics`)).text()).toContain("amc_scheduler_ticks_total");
    expect(await second.stop(), second.log.slice(-2_000)).toBe(0);
    const instants = await nextInstants();
    expect(instants).toEqual([...new Set(instants)].sort((a, b) => a - b));
    // It is now, give or take what it took to stop; before that, what this day missed, if it is a trading day.
    expect(Math.abs((instants.at(-1) ?? 0) - Date.now())).toBeLessThan(600_000);
    expect(instants[0]).toBeGreaterThanOrEqual(dayStart(beganMs));
  });
});
