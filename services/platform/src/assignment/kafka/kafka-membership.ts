import { changelogTopic } from "../../log/changelog-topic.ts";
import { brokerFailure, isBrokerError } from "../../log/kafka/broker-failure.ts";
import type { KafkaConnection } from "../../log/kafka/client-options.ts";
import { type Pacing, REAL_TIME } from "../../pacing.ts";
import { assignUnits, type Member } from "../assign-units.ts";
import type { Membership, MembershipStanding, UnitWorker } from "../membership.ts";
import { type Unit, unitName } from "../unit.ts";
import {
  type Coordinator,
  GroupCoordinator,
  type Joined,
  SESSION_TIMEOUT_MS,
} from "./group-coordinator.ts";
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  toTopicPartition,
  toUnits,
  type UnitNames,
} from "./group-messages.ts";

/** A tenth of the session: a rebalance is noticed within a second, and nine may be lost. */
const HEARTBEAT_MS = 1_000;
const PAUSE_FIRST_MS = 100;
const PAUSE_MAX_MS = 2_000;
/** A division waits for everybody, and somebody who died as it began is out a session later. */
const DIVISION_MAX_MS = 2 * SESSION_TIMEOUT_MS;

export interface KafkaMembershipOptions {
  readonly connection: KafkaConnection;
  /** Name of the group at the brokers, such as `amc.processor`. */
  readonly group: string;
  /** What the members divide; each of them knows all of it. */
  readonly units: readonly Unit[];
  /** As of the log: put before the name of every topic. */
  readonly prefix?: string;
  /** Told of every failure that is tried again. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Membership in a consumer group of Kafka. The group says who is alive and who shall do what, nothing
 * else: positions, state and fencing are the log's, by whose leases a member that was taken for dead
 * cannot write (docs/decisions/assignment.md).
 */
export class KafkaMembership implements Membership {
  readonly #options: KafkaMembershipOptions;
  readonly #coordinator: Coordinator;
  readonly #pacing: Pacing;
  readonly #names: UnitNames;
  #memberId = "";
  /** For so long the group takes us for a member without hearing anything more of us. */
  #memberUntilMs = 0;
  /** Aborts when units were let go because that time has passed. */
  #unheard = new AbortController();
  #standing: MembershipStanding = {
    isMember: false,
    reason: "has not joined yet",
    units: [],
    rebalances: 0,
  };

  constructor(
    options: KafkaMembershipOptions,
    given: { readonly coordinator?: Coordinator; readonly pacing?: Pacing } = {},
  ) {
    this.#options = options;
    this.#coordinator =
      given.coordinator ?? new GroupCoordinator(options.connection, options.group);
    this.#pacing = given.pacing ?? REAL_TIME;
    this.#names = namesUnder(options.prefix ?? "");
  }

  standing(): MembershipStanding {
    return this.#standing;
  }

  async run(worker: UnitWorker, signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const watching = this.#letGoWhenUnheard(worker, AbortSignal.any([signal, ended.signal]));
    try {
      for (let failures = 0; !signal.aborted; ) {
        try {
          await this.#takePart(worker, signal);
          failures = 0;
        } catch (error) {
          failures += 1;
          await this.#recover(worker, error);
          const pauseMs = Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** (failures - 1));
          await this.#pause(Math.ceil(Math.random() * pauseMs), signal);
        }
      }
      await worker.take([]);
      await this.#leave();
    } finally {
      ended.abort();
      await watching;
      await this.#coordinator.close();
    }
  }

  /** One division: joins, learns its units, and stays until there has to be another one. */
  async #takePart(worker: UnitWorker, signal: AbortSignal): Promise<void> {
    const joined = await this.#join(worker.held());
    const own = await this.#coordinator.sync(joined, this.#divide(joined));
    this.#keepsFor(SESSION_TIMEOUT_MS);
    const units = toUnits(this.#names, decodeAssignment(own));
    const { rebalances } = this.#standing;
    this.#standing = { isMember: true, reason: null, units, rebalances: rebalances + 1 };
    const kept = new Set(units.map(unitName));
    const letsGo = worker.held().some((unit) => !kept.has(unitName(unit)));
    const released = new AbortController();
    const taking = worker.take(units).then(() => {
      // Others may have it now: they are told by joining again without it.
      if (letsGo) released.abort();
    });
    await this.#stay(joined, AbortSignal.any([signal, released.signal, this.#unheard.signal]));
    if (signal.aborted) await taking;
  }

  async #join(held: readonly Unit[]): Promise<Joined> {
    const groups = new Set(this.#options.units.map(({ group }) => group));
    const metadata = encodeSubscription({
      topics: [...groups].map((group) => this.#names.topicOf(group)),
      owned: held.map((unit) => toTopicPartition(this.#names, unit)),
    });
    const joined = await this.#coordinator.join(this.#memberId, metadata);
    this.#memberId = joined.memberId;
    return joined;
  }

  #divide({ members, isLeader }: Joined): { memberId: string; assignment: Buffer }[] {
    if (!isLeader) return [];
    const known = members.map(({ memberId, metadata }): Member => {
      const { topics, owned } = decodeSubscription(metadata);
      const groups = topics.flatMap((topic) => this.#names.groupOf(topic) ?? []);
      return { id: memberId, groups, held: toUnits(this.#names, owned) };
    });
    return [...assignUnits(known, this.#options.units)].map(([memberId, units]) => ({
      memberId,
      assignment: encodeAssignment(units.map((unit) => toTopicPartition(this.#names, unit))),
    }));
  }

  /** Says that it is alive until it is told that the group divides anew, or `signal` aborts. */
  async #stay(joined: Joined, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#pause(HEARTBEAT_MS, signal);
      if (signal.aborted) return;
      const sentMs = this.#pacing.nowMs();
      try {
        await this.#coordinator.heartbeat(joined);
      } catch (error) {
        if (!isBrokerError(error, "REBALANCE_IN_PROGRESS")) throw error;
        this.#keepsFor(DIVISION_MAX_MS);
        return;
      }
      this.#keepsFor(SESSION_TIMEOUT_MS, sentMs);
    }
  }

  #keepsFor(ms: number, sinceMs = this.#pacing.nowMs()): void {
    this.#memberUntilMs = sinceMs + ms;
  }

  /**
   * Who was not heard for a session has its units given to others, and to take them up again and again
   * would only fence those: lets go of everything then, whatever request is still waited for.
   */
  async #letGoWhenUnheard(worker: UnitWorker, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const leftMs = this.#memberUntilMs - this.#pacing.nowMs();
      await this.#pause(leftMs > 0 ? leftMs : HEARTBEAT_MS, signal);
      const isUnheard = this.#pacing.nowMs() >= this.#memberUntilMs;
      if (signal.aborted || !isUnheard || worker.held().length === 0) continue;
      const reason = `group ${this.#options.group} has not heard of this process for a session`;
      this.#standing = { ...this.#standing, isMember: false, reason, units: [] };
      this.#unheard.abort();
      this.#unheard = new AbortController();
      await worker.take([]);
    }
  }

  /** After this the member may join again. Throws what no later try can change. */
  async #recover(worker: UnitWorker, error: unknown): Promise<void> {
    if (isBrokerError(error, "REBALANCE_IN_PROGRESS")) {
      this.#keepsFor(DIVISION_MAX_MS);
      return;
    }
    this.#coordinator.forget();
    const failure = brokerFailure(error, "log.unavailable", { group: this.#options.group });
    this.#standing = { ...this.#standing, isMember: false, reason: failure.message };
    const wasTakenForDead = EXPELLED.some((answer) => isBrokerError(error, answer));
    if (!wasTakenForDead && failure.code !== "log.unavailable") throw failure;
    this.#options.onFailure?.(failure);
    if (!wasTakenForDead) return;
    // Others have its units by now; what is in hand will be refused by the log.
    if (!isBrokerError(error, "ILLEGAL_GENERATION")) this.#memberId = "";
    this.#standing = { ...this.#standing, units: [] };
    await worker.take([]);
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#pacing.pause(ms, signal);
    } catch (error) {
      if (!(error instanceof Error && error.name === "AbortError")) throw error;
    }
  }

  /** A group that is not told waits for the session to end; nothing else is lost. */
  async #leave(): Promise<void> {
    this.#standing = { ...this.#standing, isMember: false, reason: "has left", units: [] };
    if (this.#memberId === "") return;
    await this.#coordinator
      .leave(this.#memberId)
      .catch((error: unknown) => this.#options.onFailure?.(error));
  }
}

/** Answers to a member that the group goes on without. */
const EXPELLED = ["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION", "FENCED_INSTANCE_ID"] as const;

function namesUnder(prefix: string): UnitNames {
  const start = prefix + changelogTopic("");
  return {
    topicOf: (group) => prefix + changelogTopic(group),
    groupOf: (topic) => (topic.startsWith(start) ? topic.slice(start.length) : null),
  };
}
