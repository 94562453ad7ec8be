import { startTestPostgres } from "@amc/platform/postgres/testing";
import { subjectOf } from "@amc/platform/registry/releases";
import { HAS_JAVA } from "@amc/platform/registry/testing/apicurio";
import {
  poolOf,
  projectAll,
  digestsOf as tablesOf,
} from "@amc/projector/testing/projector-fixture";
import { recordsOf } from "@amc/replay/log-digests";
import { digestOf } from "@amc/schemas/digest";
import { schemaIdOf } from "@amc/schemas/envelope";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from "vitest";
import { EXIT } from "../exit-codes.ts";
import { differences, PARTITIONS, stackParts } from "../testing/real-stack.ts";
import { type ServiceProcess, textIn, until } from "../testing/service-process.ts";
import {
  CALIBRATED,
  DETECTIONS,
  PRICES,
  type TwoBuilds,
  UpgradeCase,
  VENUE,
} from "../testing/upgrade-case.ts";
import {
  countsOfSchema,
  partitionsTaken,
  positionSums,
  recordsTaken,
  stateRestored,
} from "../testing/work-told.ts";

/** This build and the next one on one cluster, as docs/runbook.md has it (issue 4, §3.6). */

vi.setConfig({ testTimeout: 300_000, hookTimeout: 240_000 });

const skipped = stackParts.map((part) => part.skipped).join("");
const isMissing = !HAS_JAVA || stackParts.some(({ address }) => address === null);

const SIGNALS = "signals";
const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);

describe.skipIf(isMissing)(`an upgrade of services that run${skipped}`, () => {
  let upgrade: UpgradeCase;
  let builds: TwoBuilds;

  beforeAll(async () => {
    upgrade = await UpgradeCase.open();
  });
  afterAll(async () => {
    await upgrade?.close();
  });
  beforeEach(async () => {
    builds = await upgrade.openStack();
  });
  afterEach(async () => {
    await builds?.close();
  });

  /** Waits for a command or a service that has to end well by itself. */
  const done = async (process: ServiceProcess): Promise<ServiceProcess> => {
    expect(await process.exit(), process.log.slice(-2_000)).toBe(EXIT.ok);
    return process;
  };
  const stopAll = async (...services: readonly ServiceProcess[]): Promise<void> => {
    for (const one of services) expect(await one.stop(), one.log.slice(-2_000)).toBe(EXIT.ok);
  };

  /** Whoever wrote it: topics as a replay in memory by this build, tables as made from them anew. */
  async function expectUndisturbed(): Promise<void> {
    const { reader, undisturbed } = upgrade;
    const log = reader.inOwnSchemas(builds.wire);
    expect(await differences(log, undisturbed.derived)).toEqual([]);
    expect(await digestOf(recordsOf(log, PRICES))).toEqual(undisturbed.prices);
    const [report] = (await done(builds.command("rebuild", "--kafka"))).lines("rebuild");
    expect(report).toMatchObject({ ok: true, differences: [] });
  }

  /** Tables of this build: only the bytes of an event with a newer schema are others. */
  async function expectSameRows(): Promise<void> {
    const single = await startTestPostgres();
    onTestFinished(() => single.drop());
    await projectAll(single, upgrade.reader.inOwnSchemas(builds.wire));
    const [own, inUse] = [await tablesOf(single), await tablesOf(builds.stack.database)];
    expect(Object.keys(own).filter((table) => own[table] !== inUse[table])).toEqual(["detections"]);
  }

  /** Newer fields of all records: what their writer said, and nothing from a writer without them. */
  async function expectNewFields(): Promise<void> {
    for (const [topic, { name }, said] of [
      [PRICES, VENUE, "XNYS"],
      [DETECTIONS, CALIBRATED, null],
    ] as const) {
      const found = new Map<number | null, Set<unknown>>();
      for await (const { value } of recordsOf(builds.wire, topic)) {
        const bytes = value ?? new Uint8Array();
        const id = schemaIdOf(bytes);
        const written = await upgrade.reader.asWritten(bytes);
        found.set(id, (found.get(id) ?? new Set()).add(written[name]));
      }
      expect(found.get(await upgrade.idOf(topic, "this"))).toEqual(new Set([undefined]));
      expect(found.get(await upgrade.idOf(topic))).toEqual(new Set([said]));
      expect(found.size).toBe(2);
    }
  }

  it("is refused before anything of the next build runs when a field of it has no default", async () => {
    const { doc } = VENUE;
    const takeBack = upgrade.next.change({
      path: "schemas/avro/history/amc.market.PriceTick.v2.avsc",
      from: `"doc": "${doc}",\n      "default": null`,
      to: `"doc": "${doc}"`,
    });
    onTestFinished(takeBack);
    for (const words of [["--check"], []]) {
      const command = builds.command("schemas", "register", ...words);
      expect(await command.exit(), command.log).toBe(EXIT.failed);
      const told = command.log + JSON.stringify(command.lines("incompatible"));
      expect(told).toContain(subjectOf(PRICES));
    }
    const tooEarly = builds.startNext("processor");
    expect(await tooEarly.exit()).toBe(EXIT.unavailable);
    expect(tooEarly.log).toContain("registry.unregistered");
  });

  it("by the runbook loses and doubles nothing and computes no state anew, and there is a way back until the sources speak", async () => {
    const [first, second] = [builds.stack.start("processor"), builds.stack.start("processor")];
    const [projector, api] = [builds.stack.start("projector"), builds.stack.start("api")];
    for (const one of [first, second, projector, api]) await one.said("service");
    await builds.play("2021-01-13T14:50:00Z");
    await builds.untilTaken(first);

    for (const words of [
      ["schemas", "register", "--check"],
      ["topics", "check"],
      ["schemas", "register"],
    ]) {
      await done(builds.command(...words));
    }
    const nextProjector = builds.startNext("projector");
    await nextProjector.said("service");
    const nextApi = builds.startNext("api");
    await nextApi.said("service");
    await stopAll(api, projector, first);

    // Both builds in one group.
    const third = builds.startNext("processor");
    const metricsOfThird = textIn((await third.said("service"))[0], "address");
    await until(() => partitionsTaken(third, SIGNALS).length === 2);
    const moved = ALL.filter((partition) => partitionsTaken(third, SIGNALS).includes(partition));
    const kept = ALL.filter((partition) => !moved.includes(partition));
    const [ownId, nextId] = [
      await upgrade.idOf(DETECTIONS, "this"),
      await upgrade.idOf(DETECTIONS),
    ];
    const ownBefore = await countsOfSchema(builds.wire, DETECTIONS, ownId);
    const before = await positionSums(builds.stack.log, SIGNALS, moved);
    await builds.play("2021-01-13T15:05:00Z");
    await builds.untilTaken(second);
    const ownAfter = await countsOfSchema(builds.wire, DETECTIONS, ownId);
    const byNext = await countsOfSchema(builds.wire, DETECTIONS, nextId);
    expect(ALL.filter((at) => (ownAfter[at] ?? 0) > (ownBefore[at] ?? 0))).toEqual(kept);
    expect(ALL.filter((at) => (byNext[at] ?? 0) > 0)).toEqual(moved);
    // It went on with what it was handed.
    const restored = stateRestored(third, SIGNALS);
    for (const partition of moved) expect(restored.get(partition)).toBeGreaterThan(0);
    const after = await positionSums(builds.stack.log, SIGNALS, moved);
    const taken = after.reduce((sum, position, at) => sum + position - (before[at] ?? 0), 0);
    const metrics = await (await fetch(`${metricsOfThird}/metrics`)).text();
    expect(recordsTaken(metrics, SIGNALS)).toBe(taken);

    // The way back, while records flow.
    const playing = builds.play("2021-01-13T15:20:00Z");
    await stopAll(third);
    await playing;
    await builds.untilTaken(second);
    const takenBack = partitionsTaken(second, SIGNALS).slice(-moved.length);
    expect(ALL.filter((partition) => takenBack.includes(partition))).toEqual(moved);

    const fourth = builds.startNext("processor");
    await until(() => partitionsTaken(fourth, SIGNALS).length === 2);
    await stopAll(second);
    const fifth = builds.startNext("processor");
    await done(builds.startIngest());
    await builds.untilTaken(fourth);
    await builds.untilProjected(nextProjector);
    const address = textIn((await nextApi.said("service"))[0], "address");
    const recommended = await (await fetch(`${address}/recommendations`)).text();
    expect(recommended).toContain('"GME"');
    await stopAll(nextApi, nextProjector, fourth, fifth);
    await expectUndisturbed();
    await expectSameRows();
    await expectNewFields();
  });

  it("in the wrong order ends old services before the first record that is newer, and goes on there as the next build", async () => {
    const [processor, projector] = [
      builds.stack.start("processor"),
      builds.stack.start("projector"),
    ];
    const api = builds.stack.start("api");
    await builds.play("2021-01-13T14:50:00Z");
    await builds.untilTaken(processor);
    await builds.untilProjected(projector);
    const ends = await Promise.all(
      ALL.map((partition) => builds.stack.log.endOffset(PRICES, partition)),
    );
    await done(builds.command("schemas", "register"));
    await done(builds.startIngest());
    for (const one of [processor, projector]) {
      expect(await one.exit(), one.log.slice(-2_000)).toBe(EXIT.internal);
      expect(one.log).toContain("registry.newer-schema");
    }
    for (const partition of ALL) {
      const positions = await builds.stack.log.positions(SIGNALS, partition);
      const prices = positions.find(({ topic }) => topic === PRICES);
      expect(prices?.next).toBeLessThanOrEqual(ends[partition] ?? 0);
    }
    const { rows } = await poolOf(builds.stack.database, "api").query<{ next: number }>(
      `SELECT next_offset::integer AS next FROM projection_positions
       WHERE projection = 'prices' AND topic = $1 ORDER BY partition`,
      [PRICES],
    );
    expect(rows.map(({ next: offset }) => offset)).toEqual(ends);
    // Who only answers from the tables does so, and says that it cannot tell how old they are.
    const address = textIn((await api.said("service"))[0], "address");
    const answer = await fetch(`${address}/recommendations`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ freshness: { stale: true } });
    await stopAll(api);

    const [nextProcessor, nextProjector] = [
      builds.startNext("processor"),
      builds.startNext("projector"),
    ];
    await builds.untilTaken(nextProcessor);
    await builds.untilProjected(nextProjector);
    await stopAll(nextProcessor, nextProjector);
    await expectUndisturbed();
  });

  it("control: is not as undisturbed when a stage of the next build gives one value differently", async () => {
    const takeBack = upgrade.next.change({
      path: "streams/detectors/detector-stage.ts",
      from: "...outcome,",
      to: "...outcome, confidence: outcome.confidence / 2,",
    });
    onTestFinished(takeBack);
    await done(builds.command("schemas", "register"));
    await builds.play();
    const processor = builds.startNext("processor");
    await builds.untilTaken(processor);
    await stopAll(processor);
    const log = upgrade.reader.inOwnSchemas(builds.wire);
    const found = await differences(log, upgrade.undisturbed.derived);
    expect(found.map(({ topic }) => topic)).toContain(DETECTIONS);
  });
});
