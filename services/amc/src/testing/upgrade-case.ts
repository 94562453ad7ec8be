import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { playRecording } from "@amc/ingest-recordings/player";
import type { Log } from "@amc/platform/log/port";
import { RegistryClient } from "@amc/platform/registry/registry-client";
import { releasedSchemas, subjectOf } from "@amc/platform/registry/releases";
import { TestRegistry } from "@amc/platform/registry/testing/apicurio";
import { digestsOf, type LogDigests, recordsOf } from "@amc/replay/log-digests";
import { runInMemory } from "@amc/replay/run-topology";
import { digestOf, type TopicDigest } from "@amc/schemas/digest";
import type { TopicName } from "@amc/schemas/topics";
import { loadRecordingSlices, openRecording } from "../recordings.ts";
import { writeBusyCase } from "./busy-case.ts";
import { type Evolution, NextTree } from "./next-tree.ts";
import { projectable, projected } from "./projection-progress.ts";
import { openRealStack, PARTITIONS, type RealStack, TOPOLOGY } from "./real-stack.ts";
import { type ServiceProcess, until } from "./service-process.ts";
import { WireReader } from "./wire-reader.ts";

export const PRICES = "market.price-tick.v1";
export const DETECTIONS = "signals.detection.v1";
export const VENUE = { name: "venue", type: ["null", "string"], doc: "Listed at", default: null };
export const CALIBRATED = {
  ...{ name: "calibrated", type: ["null", "double"], doc: "0 to 1", default: null },
};

/** A fact says more from now on; a derived event could, and does not yet. */
const EVOLUTION: Evolution = {
  schemas: {
    "market/PriceTick.avsc": ({ fields }) => fields.push(VENUE),
    "signals/Detection.avsc": ({ fields }) => fields.push(CALIBRATED),
  },
  sources: [
    {
      path: "streams/facts/price-tick.ts",
      from: "auction: sides.auction,",
      to: 'auction: sides.auction, venue: "XNYS",',
    },
    {
      path: "streams/detectors/detector-stage.ts",
      from: "...outcome,",
      to: "...outcome, calibrated: null,",
    },
  ],
};

/** This build and the next one, a recording for both, and what this one alone makes of it. */
export class UpgradeCase {
  readonly next = new NextTree(EVOLUTION);
  readonly reader: WireReader;
  readonly recording: readonly [recording: string, data: string];
  readonly undisturbed: { readonly derived: LogDigests; readonly prices: TopicDigest };
  readonly #directory: string;
  readonly #registry: TestRegistry;
  readonly #client: RegistryClient;

  private constructor(
    parts: Pick<UpgradeCase, "reader" | "recording" | "undisturbed">,
    directory: string,
    registry: TestRegistry,
    client: RegistryClient,
  ) {
    this.reader = parts.reader;
    this.recording = parts.recording;
    this.undisturbed = parts.undisturbed;
    this.#directory = directory;
    this.#registry = registry;
    this.#client = client;
  }

  /** With a registry of its own: what the next build registers would stay in the one that tests share. */
  static async open(): Promise<UpgradeCase> {
    const registry = await TestRegistry.start();
    const client = new RegistryClient({ url: registry.url });
    // Ids of the registry are not ours, in either build.
    await client.register("orders-value", '{"type":"enum","name":"Side","symbols":["BUY"]}');
    const reader = await WireReader.open(client);
    const directory = mkdtempSync(join(tmpdir(), "amc-upgrade-"));
    const recording = writeBusyCase(directory, PARTITIONS);
    const slices = await loadRecordingSlices(await openRecording(...recording));
    const memory = await runInMemory(slices, TOPOLOGY);
    const prices = await digestOf(recordsOf(memory, PRICES));
    const undisturbed = { derived: await digestsOf(memory), prices };
    return new UpgradeCase({ reader, recording, undisturbed }, directory, registry, client);
  }

  async openStack(): Promise<TwoBuilds> {
    const stack = await openRealStack({ registryUrl: this.#registry.url });
    return new TwoBuilds(this, stack, await stack.openWire());
  }

  /** Id that the registry gave to the newest schema of a build, by default the next one; null without one. */
  idOf(topic: TopicName, build: "this" | "next" = "next"): Promise<number | null> {
    const own = releasedSchemas().findLast((row) => row.topic === topic)?.schema ?? "";
    const text = build === "this" ? own : this.next.schemas.newestOf(topic).text;
    return this.#client.lookUp(subjectOf(topic), text);
  }

  async close(): Promise<void> {
    this.next.dispose();
    rmSync(this.#directory, { recursive: true });
    await this.#registry.stop();
  }
}

/** One cluster and database on which services of both builds run. */
export class TwoBuilds {
  readonly stack: RealStack;
  /** Its topics as they lie on the brokers. */
  readonly wire: Log;
  readonly #case: UpgradeCase;

  constructor(upgrade: UpgradeCase, stack: RealStack, wire: Log) {
    this.#case = upgrade;
    this.stack = stack;
    this.wire = wire;
  }

  /** A service of the next build. */
  startNext(...words: string[]): ServiceProcess {
    return this.stack.startProgram([this.#case.next.main, "run"], ...words);
  }

  /** A command of the next build. */
  command(...words: string[]): ServiceProcess {
    return this.stack.startProgram([this.#case.next.main, ...words]);
  }

  /** Writes what `ingest` of this build does until a tick at or after a time, the end when left out. */
  async play(untilTime?: string): Promise<void> {
    const stop = new AbortController();
    const untilMs = untilTime === undefined ? Number.POSITIVE_INFINITY : Date.parse(untilTime);
    await playRecording({
      log: this.stack.log,
      ...(await openRecording(...this.#case.recording)),
      // A few minutes of it, so that it stops in time.
      chunkRecords: 60,
      signal: stop.signal,
      onProgress: ({ eventTime }) => {
        if (eventTime !== null && eventTime >= untilMs) stop.abort();
      },
    });
  }

  /** `ingest` of the next build, which goes on with the recording. */
  startIngest(): ServiceProcess {
    const [recording, data] = this.#case.recording;
    return this.startNext("ingest", "--recording", recording, "--data", data);
  }

  /** When processors, of whom one is named, have taken all input. */
  async untilTaken(by: ServiceProcess): Promise<void> {
    const isTaken = async () => (await this.stack.progress()).untaken === 0;
    await until(isTaken, () => by.log.slice(-2_000));
  }

  async untilProjected(by: ServiceProcess): Promise<void> {
    const { database, log } = this.stack;
    const isProjected = async () => (await projected(database)) === (await projectable(log));
    await until(isProjected, () => by.log.slice(-2_000));
  }

  async close(): Promise<void> {
    await this.wire.close();
    await this.stack.close();
  }
}
