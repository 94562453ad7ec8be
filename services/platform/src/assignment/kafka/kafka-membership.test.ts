import { NetworkError, ProtocolError } from "@platformatic/kafka";
import { describe, expect, it, onTestFinished } from "vitest";
import { ManualClock } from "../../jobs/testing/manual-clock.ts";
import type { UnitWorker } from "../membership.ts";
import { type Unit, unitsOf } from "../unit.ts";
import type { Coordinator, Joined } from "./group-coordinator.ts";
import { decodeSubscription } from "./group-messages.ts";
import { KafkaMembership } from "./kafka-membership.ts";

const SESSION_MS = 10_000;
const STEP_MS = 100;
const REQUEST_MS = 5_000;
/** For requests that wait for all members. */
const PATIENT_MS = 40_000;
const UNITS = unitsOf("signals", 1);

/** The coordinator of a group of one member, as that member sees it. */
class SeenCoordinator implements Coordinator {
  /** When it last heard of the member. */
  heardMs = 0;
  /** Packets get lost on the way to it. */
  isCutOff = false;
  /** Every heartbeat is told to join again. */
  divides = false;
  /** Units that the member said it held when it joined, by join. */
  readonly owned: number[] = [];
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  async join(_memberId: string, metadata: Buffer): Promise<Joined> {
    // A division waits for the session of somebody who died as it began.
    if (this.divides) await this.#clock.sleep(SESSION_MS + STEP_MS);
    this.divides = false;
    await this.#hear(PATIENT_MS);
    this.owned.push(decodeSubscription(metadata).owned.length);
    const memberId = "a";
    return { memberId, generation: 1, members: [{ memberId, metadata }], isLeader: true };
  }

  async sync(
    _joined: Joined,
    [own]: readonly { readonly memberId: string; readonly assignment: Buffer }[],
  ): Promise<Buffer> {
    await this.#hear(PATIENT_MS);
    return own?.assignment ?? Buffer.alloc(0);
  }

  async heartbeat(): Promise<void> {
    await this.#hear(REQUEST_MS);
    if (this.divides) throw new ProtocolError("REBALANCE_IN_PROGRESS");
  }

  async leave(): Promise<void> {}
  async close(): Promise<void> {}
  forget(): void {}

  async #hear(timeoutMs: number): Promise<void> {
    if (this.isCutOff) {
      await this.#clock.sleep(timeoutMs);
      throw new NetworkError("Request timed out");
    }
    this.heardMs = this.#clock.nowMs();
  }
}

/** The lease of the unit in the log, and who took it. */
class Lease {
  readonly owners: string[] = [];

  take(owner: string): void {
    this.owners.push(owner);
  }

  isOf(owner: string): boolean {
    return this.owners.at(-1) === owner;
  }
}

/** Works on what it is told to; takes a lease up again that somebody newer has, as `AssignedWork` does. */
class Worker implements UnitWorker {
  readonly #lease: Lease;
  #held: readonly Unit[] = [];

  constructor(lease: Lease) {
    this.#lease = lease;
  }

  held(): readonly Unit[] {
    return this.#held;
  }

  async take(units: readonly Unit[]): Promise<void> {
    this.#held = units;
    this.work();
  }

  work(): void {
    if (this.#held.length > 0 && !this.#lease.isOf("a")) this.#lease.take("a");
  }
}

function memberOf(arrange: (worker: Worker) => UnitWorker = (worker) => worker) {
  const clock = new ManualClock(0);
  const coordinator = new SeenCoordinator(clock);
  const lease = new Lease();
  const worker = new Worker(lease);
  const membership = new KafkaMembership(
    { connection: { brokers: [], clientId: "test" }, group: "test", units: UNITS },
    { coordinator, pacing: { nowMs: clock.nowMs, pause: clock.sleep } },
  );
  const stop = new AbortController();
  const running = membership.run(arrange(worker), stop.signal);
  onTestFinished(async () => {
    stop.abort();
    // What it waits for at the coordinator ends as well.
    await clock.pass(PATIENT_MS);
    await running;
  });
  /** Lets time pass in small steps. */
  const pass = async (ms: number, onStep: () => void = () => undefined): Promise<void> => {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      await clock.pass(STEP_MS);
      onStep();
    }
  };
  return { clock, coordinator, lease, worker, membership, pass };
}

type Member = ReturnType<typeof memberOf>;

/** Another member has the unit once the session is over; it was working when it was fenced, so it is back sooner. */
async function passBesideAnother({ clock, coordinator, lease, worker, pass }: Member, ms: number) {
  await pass(ms, () => {
    if (clock.nowMs() - coordinator.heardMs <= SESSION_MS) return;
    if (!lease.isOf("b")) lease.take("b");
    worker.work();
  });
}

describe("a member that the coordinator of its group does not hear", () => {
  it("lets its units go when the session is over and not before, whatever request is under way", async () => {
    const { clock, coordinator, worker, membership, pass } = memberOf();
    await pass(5_000);
    coordinator.isCutOff = true;
    const held: boolean[] = [];
    const over: boolean[] = [];
    await pass(60_000, () => {
      held.push(worker.held().length > 0);
      over.push(clock.nowMs() - coordinator.heardMs >= SESSION_MS);
    });
    expect(held).toEqual(over.map((isOver) => !isOver));
    expect(new Set(held).size).toBe(2);
    expect(membership.standing()).toMatchObject({ isMember: false, units: [] });
  });

  it("joins again, holding nothing, when the coordinator answers", async () => {
    const { coordinator, worker, membership, pass } = memberOf();
    await pass(5_000);
    coordinator.isCutOff = true;
    await pass(2 * SESSION_MS);
    coordinator.isCutOff = false;
    await pass(PATIENT_MS);
    expect(coordinator.owned).toEqual([0, 0]);
    expect(membership.standing()).toMatchObject({ isMember: true, reason: null, units: UNITS });
    expect(worker.held()).toEqual(UNITS);
  });

  it("does not fence who has its unit now", async () => {
    const member = memberOf();
    await member.pass(5_000);
    member.coordinator.isCutOff = true;
    await passBesideAnother(member, 60_000);
    expect(member.lease.owners).toEqual(["a", "b"]);
  });

  it("control: fences it again and again when it does not let go", async () => {
    const member = memberOf((worker) => ({
      held: () => worker.held(),
      take: async (units) => {
        if (units.length > 0) await worker.take(units);
      },
    }));
    await member.pass(5_000);
    member.coordinator.isCutOff = true;
    await passBesideAnother(member, 60_000);
    expect(member.lease.owners.length).toBeGreaterThan(100);
  });

  it("keeps its units through a cut that is shorter than a session", async () => {
    const { coordinator, worker, membership, pass } = memberOf();
    await pass(5_000);
    coordinator.isCutOff = true;
    await pass(1_000);
    coordinator.isCutOff = false;
    await pass(SESSION_MS, () => expect(worker.held()).toEqual(UNITS));
    expect(membership.standing().isMember).toBe(true);
  });

  it("keeps its units while a division waits for the session of somebody who has died", async () => {
    const { coordinator, worker, pass } = memberOf();
    await pass(5_000);
    coordinator.divides = true;
    await pass(2 * SESSION_MS, () => expect(worker.held()).toEqual(UNITS));
    expect(coordinator.owned).toEqual([0, 1]);
  });
});
