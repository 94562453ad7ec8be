import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { playRecording } from "@amc/ingest-recordings/player";
import type { Log } from "@amc/platform/log/port";
import { PartitionLoop } from "@amc/processor/partition-loop";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openRecording } from "../recordings.ts";
import { alteredLog } from "../testing/altered-log.ts";
import {
  differences,
  openRealStack,
  type RealStack,
  replayedDigests,
  stackParts,
  TOPOLOGY,
} from "../testing/real-stack.ts";
import { until } from "../testing/service-process.ts";
import { minuteRow, writeSmallRecording } from "../testing/small-recording.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const skipped = stackParts.map((part) => part.skipped).join("");
const isMissing = stackParts.some(({ address }) => address === null);

/** Minutes of a regular session, and of a day. */
const SESSION = 389;
const DAY = 1_440;

describe.skipIf(isMissing)(`processors that share the work${skipped}`, () => {
  let directory = "";
  /** Three sessions, enough to be interrupted in; and some minutes twice, to see whether all goes on. */
  let long: readonly [string, string];
  let later: readonly [string, string];
  let last: readonly [string, string];
  let stack: RealStack;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "amc-rebalance-"));
    const session = (day: number) =>
      Array.from({ length: SESSION }, (_, minute) => minuteRow(day * DAY + minute));
    const write = (name: string, rows: readonly string[]) => {
      writeSmallRecording(directory, { name, rows });
      return [join(directory, `${name}.json`), directory] as const;
    };
    long = write("long", [...session(0), ...session(1), ...session(2)]);
    later = write("later", session(6).slice(0, 30));
    last = write("last", session(7).slice(0, 30));
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  beforeEach(async () => {
    stack = await openRealStack();
  });

  afterEach(async () => {
    await stack?.close();
  });

  const play = async ([recording, data]: readonly [string, string]): Promise<void> => {
    await playRecording({ log: stack.log, ...(await openRecording(recording, data)) });
  };
  const isUnderWay = async () => {
    const { taken, untaken } = await stack.progress();
    return taken > 0 && untaken > 0;
  };
  const isTaken = async () => (await stack.progress()).untaken === 0;

  it("lose, repeat and leave nothing when one is killed, one is stopped for longer than its session, and one joins", async () => {
    const [first, killed, stopped] = [0, 1, 2].map(() => stack.start("processor"));
    for (const one of [first, killed, stopped]) await one?.said("service");
    const playing = play(long);
    await until(isUnderWay);
    killed?.child.kill("SIGKILL");
    await playing;
    stopped?.child.kill("SIGSTOP");
    // Every partition has a tick of it: all are taken when nobody waits for who is stopped.
    await play(later);
    await until(isTaken, () => first?.log.slice(-2_000));
    stopped?.child.kill("SIGCONT");
    const joined = stack.start("processor");
    await joined.said("service");
    await play(last);
    await until(isTaken, () => first?.log.slice(-2_000));
    const replayed = await replayedDigests(long, later, last);
    expect(await differences(stack.log, replayed)).toEqual([]);
    expect(await killed?.exit()).toBeNull();
    for (const one of [first, stopped, joined]) expect(await one?.stop(), one?.log).toBe(0);
  });

  it("say the same in transactions, also when the recording is cut off and taken up again", async () => {
    const transactional = await openRealStack({ delivery: "transactional" });
    try {
      const processors = [0, 1].map(() => transactional.start("processor"));
      const [recording, data] = long;
      const words = ["ingest", "--recording", recording, "--data", data];
      const cutOff = transactional.start(...words);
      await until(async () => (await transactional.progress()).taken > 0);
      await cutOff.kill();
      const ingest = transactional.start(...words);
      expect(await ingest.exit(), ingest.log.slice(-2_000)).toBe(0);
      const isDone = async () => (await transactional.progress()).untaken === 0;
      await until(isDone, () => processors[0]?.log.slice(-2_000));
      expect(await differences(transactional.log, await replayedDigests(long))).toEqual([]);
      for (const one of processors) expect(await one.stop(), one.log.slice(-2_000)).toBe(0);
    } finally {
      await transactional.close();
    }
  });

  it("control: instances that keep to their own units leave those of a dead one idle", async () => {
    await play(long);
    await takeUnits(stack.log, (partition) => partition % 3 !== 1);
    expect((await stack.progress()).untaken).toBeGreaterThan(0);
    expect(await differences(stack.log, await replayedDigests(long))).not.toEqual([]);
  });

  it("control: one that takes a unit over without its state derives something else", async () => {
    await play(long);
    const stop = new AbortController();
    const half = takeUnits(stack.log, () => true, stop.signal);
    await until(isUnderWay);
    stop.abort();
    await half;
    expect(await isUnderWay()).toBe(true);
    await takeUnits(withoutState(stack.log), () => true);
    expect(await isTaken()).toBe(true);
    expect(await differences(stack.log, await replayedDigests(long))).not.toEqual([]);
  });
});

/** Works on some partitions of every subtopology, in this process, until all of their input is taken. */
async function takeUnits(
  log: Log,
  isOwn: (partition: number) => boolean,
  signal = new AbortController().signal,
): Promise<void> {
  const partitions = [0, 1, 2, 3].filter(isOwn);
  const loops = TOPOLOGY.flatMap((subtopology) =>
    partitions.map((partition) => new PartitionLoop({ log, subtopology, partition })),
  );
  for (const loop of loops) await loop.open();
  while (!signal.aborted) {
    let taken = 0;
    for (const loop of loops) taken += (await loop.runner?.runOnce()) ?? 0;
    if (taken === 0) return;
  }
}

/** A log whose owners begin with no state, where the positions say that they have some. */
function withoutState(log: Log): Log {
  return alteredLog(log, { state: async function* nothing() {} });
}
