import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { ownKafka, withoutOwnKafka } from "@amc/stack/testing/own-kafka";
import { testPart } from "@amc/stack/testing/test-part";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { AssignedWork } from "../assigned-work.ts";
import type { UnitWorker } from "../membership.ts";
import { type Unit, unitName, unitsOf } from "../unit.ts";
import { KafkaMembership } from "./kafka-membership.ts";

const kafka = await testPart("kafka");
const noBroker = await withoutOwnKafka();

// A member joins within seconds; one that is gone is missed after a session of ten.
vi.setConfig({ testTimeout: 180_000 });

const UNITS = [...unitsOf("signals", 6), ...unitsOf("alerts", 2)];
const BATCH_MS = 300;

/** Who works on what now, and what two members ever worked on at once. */
class Desk {
  readonly working = new Map<string, Set<string>>();
  readonly overlaps = new Set<string>();

  begin(unit: Unit, member: string): void {
    const at = this.working.get(unitName(unit)) ?? new Set();
    if (at.size > 0) this.overlaps.add(unitName(unit));
    this.working.set(unitName(unit), at.add(member));
  }

  end(unit: Unit, member: string): void {
    this.working.get(unitName(unit))?.delete(member);
  }

  /** Members by how many units they work on; null while a unit is worked on by nobody or by two. */
  shares(): readonly number[] | null {
    const counts = new Map<string, number>();
    for (const unit of UNITS) {
      const [member, ...others] = this.working.get(unitName(unit)) ?? [];
      if (member === undefined || others.length > 0) return null;
      counts.set(member, (counts.get(member) ?? 0) + 1);
    }
    return [...counts.values()].sort((a, b) => a - b);
  }
}

interface Joined {
  readonly membership: KafkaMembership;
  readonly leave: () => Promise<void>;
}

const joined: Joined[] = [];

const plain = (worker: UnitWorker): UnitWorker => worker;

function join(desk: Desk, group: string, arrange = plain, address = kafka.address ?? ""): Joined {
  const member = randomUUID();
  const work = new AssignedWork({
    work: async (unit, signal) => {
      desk.begin(unit, member);
      // The batch in hand is finished before a unit is let go.
      while (!signal.aborted) await wait(BATCH_MS);
      desk.end(unit, member);
      return "released";
    },
  });
  const connection = { brokers: address.split(","), clientId: "amc-test" };
  const membership = new KafkaMembership({ connection, group, units: UNITS });
  const stop = new AbortController();
  const running = membership.run(arrange(work), stop.signal);
  const leave = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  const one = { membership, leave };
  joined.push(one);
  return one;
}

async function sharesBecome(desk: Desk, expected: readonly number[]): Promise<void> {
  await vi.waitFor(() => expect(desk.shares()).toEqual(expected), {
    timeout: 60_000,
    interval: 50,
  });
}

describe.skipIf(kafka.address === null)(`members of a group on Kafka${kafka.skipped}`, () => {
  afterEach(async () => {
    await Promise.all(joined.splice(0).map((one) => one.leave()));
  });

  it("divide the units evenly when others join and leave, and no two work on one at once", async () => {
    const desk = new Desk();
    const group = `test-${randomUUID()}`;
    const first = join(desk, group);
    await sharesBecome(desk, [8]);
    const second = join(desk, group);
    await sharesBecome(desk, [4, 4]);
    join(desk, group);
    await sharesBecome(desk, [2, 3, 3]);
    await first.leave();
    await sharesBecome(desk, [4, 4]);
    expect(first.membership.standing()).toMatchObject({ isMember: false, units: [] });
    expect(second.membership.standing()).toMatchObject({ isMember: true, reason: null });
    expect(desk.overlaps).toEqual(new Set());
  });

  it("control: a member that does not say what it holds has others work on it at once", async () => {
    const desk = new Desk();
    const group = `test-${randomUUID()}`;
    const silent = (worker: UnitWorker): UnitWorker => ({
      held: () => [],
      take: (units) => worker.take(units),
    });
    join(desk, group, silent);
    await sharesBecome(desk, [8]);
    join(desk, group, silent);
    await sharesBecome(desk, [4, 4]);
    expect(desk.overlaps.size).toBeGreaterThan(0);
  });

  it.skipIf(noBroker !== "")(
    `keep their units while the broker is away for less than a session, and are members again then${noBroker}`,
    async () => {
      const own = await ownKafka(1);
      if (own === null) throw new Error("a second broker cannot be started");
      onTestFinished(own.down);
      const desk = new Desk();
      const group = `test-${randomUUID()}`;
      const members = [
        join(desk, group, plain, own.address),
        join(desk, group, plain, own.address),
      ];
      await sharesBecome(desk, [4, 4]);
      const [pid = 0] = own.pids;
      // A stopped broker answers nobody, as one behind a broken network.
      process.kill(pid, "SIGSTOP");
      const isAway = () => members.every(({ membership }) => !membership.standing().isMember);
      await vi.waitFor(() => expect(isAway()).toBe(true), { timeout: 90_000, interval: 100 });
      expect(desk.shares()).toEqual([4, 4]);
      process.kill(pid, "SIGCONT");
      const isBack = () => members.every(({ membership }) => membership.standing().isMember);
      await vi.waitFor(() => expect(isBack()).toBe(true), { timeout: 90_000, interval: 100 });
      await sharesBecome(desk, [4, 4]);
      expect(desk.overlaps).toEqual(new Set());
    },
  );

  it("tells why it is no member while no broker answers", async () => {
    const membership = new KafkaMembership({
      // Nobody listens at the port of discard.
      connection: { brokers: ["127.0.0.1:9"], clientId: "amc-test" },
      ...{ group: "nobody", units: UNITS },
    });
    const stop = new AbortController();
    const worker = { held: () => [], take: () => Promise.resolve() };
    const running = membership.run(worker, stop.signal);
    await vi.waitFor(() => expect(membership.standing().reason).toMatch(/^Kafka: /), 30_000);
    stop.abort();
    await running;
  });
});
