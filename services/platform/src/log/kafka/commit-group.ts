import { LogError } from "../errors.ts";
import type { Committed, Lease, Position } from "../port.ts";
import { workUnitId } from "../work-unit.ts";
import { canRetry } from "./broker-failure.ts";
import type { Cluster } from "./cluster.ts";
import type { Delivery } from "./delivery.ts";
import { KnownEnds } from "./known-ends.ts";
import type { Outgoing } from "./outgoing.ts";
import { topicReplaced } from "./topic-replaced.ts";
import { fenced, type HeldUnit, placeId, type WorkUnit } from "./unit.ts";
import { unitRecord } from "./unit-records.ts";
import type { WorkUnits } from "./work-units.ts";

/**
 * A process that has not written to a changelog for so long looks whether anybody else has, before
 * it writes: what a stopped process does when it goes on is then mostly nothing.
 */
const CONFIRM_AFTER_MS = 1_000;

export interface PendingAppend {
  readonly outgoing: Outgoing;
  /** As the port knows it, without the prefix. */
  readonly topic: string;
  /** Set when the record is in the log already. */
  readonly offset: number | undefined;
}

export interface PendingCommit {
  readonly lease: Lease | undefined;
  readonly appends: readonly PendingAppend[];
  readonly positions: readonly Position[];
  readonly state: readonly Outgoing[];
  readonly bytes: number;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

/** A commit under a lease that is still held. */
interface LeasedCommit {
  readonly commit: PendingCommit;
  readonly unit: WorkUnit;
  readonly held: HeldUnit;
}

export interface CommitGroupOptions {
  readonly cluster: Cluster;
  readonly units: WorkUnits;
  readonly delivery: Delivery;
  readonly prefix: string;
  /** Told how far a partition reaches now, so that its readers wake. */
  readonly onAppended: (topic: string, partition: number, endOffset: number) => void;
}

/** Writes commits that were issued while the one before was on its way, with the same requests. */
export class CommitGroups {
  readonly #options: CommitGroupOptions;
  readonly #ends = new KnownEnds();

  constructor(options: CommitGroupOptions) {
    this.#options = options;
  }

  /**
   * Settles every commit of the group. When a write fails, all units of the group are given up: their
   * next `acquire` reads what became of it.
   */
  async write(group: readonly PendingCommit[]): Promise<void> {
    let leased: LeasedCommit[] = [];
    try {
      leased = this.#leased(group);
      leased = await this.#confirmed(leased);
      const lost = new Set(group.filter(({ lease }) => lease !== undefined));
      for (const { commit } of leased) lost.delete(commit);
      await this.#writeAll(
        group.filter((commit) => !lost.has(commit)),
        leased,
      );
    } catch (error) {
      const failure = await this.#failureOf(error, leased);
      for (const { unit } of leased) unit.held = null;
      for (const { lease, reject } of group) {
        reject(lease === undefined ? failure : leaseGivenUp(failure));
      }
    }
  }

  /**
   * Brokers end a transaction that lasts too long, while a leader is away say, and fence who began it as if
   * somebody had taken its place. Without a lease nobody can have: such a writer has an id of its own.
   */
  async #failureOf(error: unknown, leased: readonly LeasedCommit[]): Promise<unknown> {
    const isFence = error instanceof LogError && error.code === "log.fenced";
    if (!isFence || (await this.#hasNewerOwner(leased))) return error;
    return outcomeUnknown(error, `the brokers ended the transaction (${error.message})`);
  }

  /** By the changelog; false while brokers are away, and `acquire` will find out. */
  async #hasNewerOwner(leased: readonly LeasedCommit[]): Promise<boolean> {
    try {
      for (const { unit } of leased) await this.#options.units.catchUp(unit);
    } catch (error) {
      return !canRetry(error);
    }
    return leased.some(({ unit, held }) => unit.replay.owner.epoch > held.owner.epoch);
  }

  /** Refuses the commits whose lease was lost since they were accepted. */
  #leased(group: readonly PendingCommit[]): LeasedCommit[] {
    return group.flatMap((commit) => {
      if (commit.lease === undefined) return [];
      try {
        return [{ commit, ...this.#options.units.ofLease(commit.lease) }];
      } catch (error) {
        commit.reject(error);
        return [];
      }
    });
  }

  async #confirmed(commits: readonly LeasedCommit[]): Promise<LeasedCommit[]> {
    const { cluster, units } = this.#options;
    const confirmed: LeasedCommit[] = [];
    for (const one of commits) {
      const { unit, held } = one;
      if (unit.held !== held) {
        one.commit.reject(fenced({ ...unit, epoch: held.owner.epoch }, unit));
        continue;
      }
      const { isDense } = this.#options.delivery;
      if (isDense && performance.now() - held.confirmedMs > CONFIRM_AFTER_MS) {
        const end = await cluster.endOffset(unit.place.topic, unit.place.partition);
        held.confirmedMs = performance.now();
        if (end !== unit.next) await units.catchUp(unit);
      }
      if (held.isDisturbed) one.commit.reject(this.#giveUp(unit, held));
      else confirmed.push(one);
    }
    return confirmed;
  }

  async #writeAll(
    commits: readonly PendingCommit[],
    leased: readonly LeasedCommit[],
  ): Promise<void> {
    const held = new Map(leased.map(({ unit, held }) => [unit, held]));
    await this.#identifyTopics(leased);
    await this.#declareOutputs(leased);
    const fresh = commits.flatMap(({ appends }) =>
      appends.filter(({ offset }) => offset === undefined),
    );
    const writer = this.#writerOf(leased);
    const changelog: { unit: WorkUnit | null }[] = [];
    const delivered = await this.#options.delivery.write({
      units: [...held.keys()],
      outputs: fresh.map(({ outgoing }) => outgoing),
      changelog: (offsets) => {
        fresh.forEach(({ outgoing }, index) => {
          this.#ends.note(writer, outgoing, offsets[index] ?? -1);
        });
        const records = this.#changelog(leased, held);
        changelog.push(...records);
        return records.map(({ record }) => record);
      },
    });
    this.#wake(fresh);
    const refused = new Map<WorkUnit, LogError>();
    for (const [unit, holding] of held) {
      const own = delivered.changelog.filter((_, index) => changelog[index]?.unit === unit);
      const failure = await this.#advance(unit, holding, own);
      if (failure !== null) refused.set(unit, failure);
    }
    this.#settle(commits, delivered.outputs, refused);
  }

  /** Positions and outputs are worth nothing without knowing which topics they are of. */
  async #identifyTopics(leased: readonly LeasedCommit[]): Promise<void> {
    const { cluster, prefix } = this.#options;
    for (const { commit, held } of leased) {
      for (const { topic } of [...commit.positions, ...commit.appends]) {
        if (held.topicIds.has(topic)) continue;
        held.topicIds.set(topic, await cluster.topicId(prefix + topic));
      }
    }
  }

  /**
   * Before outputs go to a partition for the first time, the changelog says from where on: otherwise
   * a crash right after it would leave outputs where nobody looks for them.
   */
  async #declareOutputs(leased: readonly LeasedCommit[]): Promise<void> {
    const { cluster, delivery, prefix } = this.#options;
    if (!delivery.needsMarks) return;
    const declaring = new Map<WorkUnit, HeldUnit>();
    for (const { commit, unit, held } of leased) {
      for (const { topic, outgoing } of commit.appends) {
        const { partition } = outgoing;
        const id = placeId({ topic, partition });
        if (held.outputs.has(id)) continue;
        const from =
          this.#ends.of(outgoing) ?? (await cluster.endOffset(prefix + topic, partition));
        held.outputs.set(id, { topic, partition, from });
        declaring.set(unit, held);
      }
    }
    for (const [unit, held] of declaring) {
      const last = await delivery.append(unit, [this.#unitRecord(unit, held)]);
      const failure = await this.#advance(unit, held, [last]);
      if (failure !== null) throw failure;
    }
  }

  #changelog(leased: readonly LeasedCommit[], held: ReadonlyMap<WorkUnit, HeldUnit>) {
    const records: { unit: WorkUnit; record: Outgoing }[] = [];
    for (const [unit, holding] of held) {
      for (const one of leased) {
        if (one.unit !== unit) continue;
        for (const record of one.commit.state) records.push({ unit, record });
        for (const position of one.commit.positions) {
          holding.positions.set(placeId(position), position);
        }
      }
      holding.written.prune(unit.partition, [...holding.positions.values()]);
      this.#moveMarks(holding);
      records.push({ unit, record: this.#unitRecord(unit, holding) });
    }
    return records;
  }

  /** Outputs up to what is known to be there count with this commit, unless some are still unclaimed. */
  #moveMarks({ outputs, written }: HeldUnit): void {
    if (written.size > 0) return;
    const { prefix } = this.#options;
    for (const [id, mark] of outputs) {
      const end = this.#ends.of({ ...mark, topic: prefix + mark.topic });
      if (end !== undefined && end > mark.from) outputs.set(id, { ...mark, from: end });
    }
  }

  #unitRecord({ place }: WorkUnit, held: HeldUnit): Outgoing {
    const { owner, beginsAt, positions, outputs, topicIds } = held;
    return unitRecord(place, {
      owner,
      beginsAt,
      positions: [...positions.values()],
      outputs: [...outputs.values()],
      topics: [...topicIds].map(([topic, id]) => ({ topic, id })),
    });
  }

  /** Takes our own records as read; what lies between them and the last ones is somebody else's. */
  async #advance(
    unit: WorkUnit,
    held: HeldUnit,
    offsets: readonly number[],
  ): Promise<LogError | null> {
    unit.restored = null;
    const { topic } = unit.place;
    const [first = -1, last = -1] = [offsets[0], offsets.at(-1)];
    // Our own offsets only grow; what lies between them may be anybody's.
    if (first <= held.lastOffset)
      throw topicReplaced(topic, { readTo: held.lastOffset, end: first });
    held.lastOffset = last;
    // Brokers took the transaction under an id that only the owner has; `positions` reads it when asked.
    if (!this.#options.delivery.isDense) return null;
    const { units } = this.#options;
    return units.exclusively(unit, async () => {
      const isAlone = first === unit.next && last === first + offsets.length - 1;
      if (isAlone) unit.next = last + 1;
      else await units.readOn(unit);
      if (held.isDisturbed) return this.#giveUp(unit, held);
      unit.replay.positions = [...held.positions.values()];
      unit.replay.outputs = [...held.outputs.values()];
      held.confirmedMs = performance.now();
      return null;
    });
  }

  #giveUp(unit: WorkUnit, held: HeldUnit): LogError {
    const { group, partition } = unit;
    unit.held = null;
    if (unit.replay.owner.epoch > held.owner.epoch) {
      return fenced({ group, partition, epoch: held.owner.epoch }, unit);
    }
    return new LogError(
      "log.outcome-unknown",
      `Somebody else wrote to the changelog of ${group}/${partition}`,
      { group, partition, topic: unit.place.topic },
    );
  }

  /** Without transactions one line writes for all units; with them every unit writes for itself. */
  #writerOf([first]: readonly LeasedCommit[]): string {
    if (this.#options.delivery.isDense || first === undefined) return "";
    return workUnitId(first.unit.group, first.unit.partition);
  }

  #wake(appends: readonly PendingAppend[]): void {
    const grown = new Map(appends.map((append) => [placeId(append.outgoing), append]));
    for (const { topic, outgoing } of grown.values()) {
      this.#options.onAppended(topic, outgoing.partition, this.#ends.of(outgoing) ?? 0);
    }
  }

  #settle(
    commits: readonly PendingCommit[],
    offsets: readonly number[],
    refused: ReadonlyMap<WorkUnit, LogError>,
  ): void {
    let index = 0;
    for (const { lease, appends, resolve, reject } of commits) {
      const own = appends.map(({ offset }) => offset ?? offsets[index++] ?? -1);
      const unit = lease && this.#options.units.of(lease.group, lease.partition);
      const failure = unit && refused.get(unit);
      if (failure === undefined) resolve({ offsets: own });
      else reject(failure);
    }
  }
}

/**
 * `log.unavailable` promises that the same commit may be tried again under its lease, which is gone: what it
 * was to write may have been counted as written already.
 */
function leaseGivenUp(error: unknown): unknown {
  if (!(error instanceof LogError) || error.code !== "log.unavailable") return error;
  return outcomeUnknown(error, error.message);
}

/** Of brokers that were away: `acquire` finds out what became of it. */
function outcomeUnknown(cause: LogError, message: string): LogError {
  return new LogError(
    "log.outcome-unknown",
    message,
    { ...cause.facts, away: "brokers" },
    { cause },
  );
}
