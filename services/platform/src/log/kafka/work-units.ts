import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { changelogTopic } from "../changelog-topic.ts";
import { LogError } from "../errors.ts";
import type { Lease, LogRecord, Position, StateChange } from "../port.ts";
import { comparePositions, workUnitId } from "../work-unit.ts";
import type { Cluster } from "./cluster.ts";
import type { Delivery } from "./delivery.ts";
import type { PartitionReader } from "./reader.ts";
import { topicReplaced } from "./topic-replaced.ts";
import { fenced, type HeldUnit, placeId, type Restored, type WorkUnit } from "./unit.ts";
import {
  type ChangelogPlace,
  claimRecord,
  droppedRecord,
  isWrittenBy,
  type Owner,
  stateRecord,
  type UnitRecord,
  unitRecord,
} from "./unit-records.ts";
import { isSameOwner, StateReplay, UnitReplay } from "./unit-replay.ts";
import { WrittenOutputs } from "./written-outputs.ts";

/** Owners that try for one unit at the same moment end each other's tries; one of them gets through. */
const ACQUIRE_TRIES = 20;
const ACQUIRE_PAUSE_MS = 20;

/** Runs what writes to a unit's changelog when nothing else of this process does. */
type InTurn = <Result>(unit: WorkUnit, task: () => Promise<Result>) => Promise<Result>;

/** A whole changelog as far as it was read: over all tries of an `acquire`, each record once. */
interface ChangelogReading {
  readonly replay: StateReplay;
  next: number;
  /** Time that reading took. */
  ms: number;
  /** Ends it, and the acquiring that it is for. */
  readonly signal: AbortSignal | undefined;
}

export interface WorkUnitsOptions {
  readonly cluster: Cluster;
  readonly reader: PartitionReader;
  readonly delivery: Delivery;
  readonly prefix: string;
  readonly onRestored: (restored: Restored) => void;
}

/** The work units of all groups, in their changelogs. */
export class WorkUnits {
  readonly #options: WorkUnitsOptions;
  readonly #units = new Map<string, WorkUnit>();

  constructor(options: WorkUnitsOptions) {
    this.#options = options;
  }

  of(group: string, partition: number): WorkUnit {
    const id = workUnitId(group, partition);
    let unit = this.#units.get(id);
    if (unit === undefined) {
      const place = { topic: this.#options.prefix + changelogTopic(group), partition };
      const replay = new UnitReplay();
      unit = {
        group,
        partition,
        place,
        replay,
        next: null,
        atRest: Promise.resolve(),
        acquired: null,
        held: null,
        restored: null,
      };
      this.#units.set(id, unit);
    }
    return unit;
  }

  /** The unit of a lease; throws `log.fenced` unless this process holds it under this lease. */
  ofLease(lease: Lease): { readonly unit: WorkUnit; readonly held: HeldUnit } {
    const unit = this.of(lease.group, lease.partition);
    const { held } = unit;
    if (held !== null && held.owner.epoch === lease.epoch) return { unit, held };
    throw fenced(lease, unit);
  }

  async positions(group: string, partition: number): Promise<Position[]> {
    const unit = this.of(group, partition);
    await this.catchUp(unit);
    return [...unit.replay.positions].sort(comparePositions);
  }

  /** The state as of the last commit; what is in the changelog at the time of the call. */
  async state(group: string, partition: number): Promise<Iterable<StateChange>> {
    const unit = this.of(group, partition);
    if (unit.restored !== null) return unit.restored.inOrder();
    if (!(await this.#exists(unit))) return [];
    const reading = await this.#beginReading(unit);
    await this.#readTo(unit, reading, await this.#end(unit));
    this.#reportRestored(unit, reading);
    return reading.replay.inOrder();
  }

  /** Reads what was added to the changelog since the last time. */
  catchUp(unit: WorkUnit): Promise<void> {
    return this.exclusively(unit, () => this.readOn(unit));
  }

  /** Runs a task while nobody else moves the unit on: two readings at once would go back in time. */
  exclusively<Result>(unit: WorkUnit, task: () => Promise<Result>): Promise<Result> {
    const running = unit.atRest.then(task);
    unit.atRest = Promise.allSettled([running]);
    return running;
  }

  /** As `catchUp`, for who has the unit exclusively. */
  async readOn(unit: WorkUnit): Promise<void> {
    if (unit.next === null && !(await this.#exists(unit))) return;
    const end = await this.#end(unit);
    const from = unit.next ?? (await this.#options.cluster.startOffset(...at(unit.place)));
    if (end < from) throw topicReplaced(unit.place.topic, { readTo: from, end });
    if (end === from) return;
    const { held } = unit;
    await this.#scan(unit, from, end, (record) => {
      unit.replay.take(record);
      if (held !== null && !isWrittenBy(record, held.owner)) held.isDisturbed = true;
      // A reading that fails later has not been for nothing.
      unit.next = record.offset + 1;
    });
    unit.next = end;
  }

  /**
   * Takes a unit over: reads its changelog, claims it, reads what came before the claim, and writes again
   * what does not count but is the newest of its key. Whoever held it writes in vain from the claim on.
   *
   * Reading takes as long as the changelog is large, so only what is written waits its turn among the
   * commits of this process. Nobody else of this process acquires the unit meanwhile. When `signal` aborts
   * it ends before its next step, as if the process had died there.
   */
  acquire(group: string, partition: number, inTurn: InTurn, signal?: AbortSignal): Promise<Lease> {
    const unit = this.of(group, partition);
    const run = () => this.#acquire(unit, inTurn, signal);
    // At once where it can be: commits of later calls come later.
    const acquiring = unit.acquired === null ? run() : unit.acquired.then(run);
    const acquired: Promise<void> = Promise.allSettled([acquiring]).then(() => {
      if (unit.acquired === acquired) unit.acquired = null;
    });
    unit.acquired = acquired;
    return acquiring;
  }

  /** Resolves when every `acquire` that was called has ended. */
  async acquired(): Promise<void> {
    await Promise.all([...this.#units.values()].flatMap(({ acquired }) => acquired ?? []));
  }

  async #acquire(unit: WorkUnit, inTurn: InTurn, signal?: AbortSignal): Promise<Lease> {
    signal?.throwIfAborted();
    const { group, partition } = unit;
    // Commits of the older lease that were accepted before go first, later ones find it lost.
    await inTurn(unit, async () => {
      unit.held = null;
      unit.restored = null;
    });
    if (!(await this.#exists(unit))) {
      const { topic } = unit.place;
      const facts = { topic, partition, group };
      throw new LogError("log.unknown-topic", `${topic} has no partition ${partition}`, facts);
    }
    // What was read before tells a changelog that was replaced since.
    if (unit.next !== null) await this.catchUp(unit);
    const reading = await this.#beginReading(unit, signal);
    for (let tries = 0; tries < ACQUIRE_TRIES; tries += 1) {
      await this.#readTo(unit, reading, await this.#end(unit));
      await this.#checkTopics(reading.replay.unit);
      const owner = { epoch: reading.replay.unit.owner.epoch + 1, id: randomUUID().slice(0, 8) };
      if (await this.#tryToOwn(unit, owner, reading, inTurn)) {
        this.#reportRestored(unit, reading);
        return { group, partition, epoch: owner.epoch };
      }
      await wait(Math.ceil(Math.random() * ACQUIRE_PAUSE_MS * (tries + 1)));
    }
    throw new LogError("log.unavailable", `Others keep taking ${group}/${partition} over`, {
      group,
      partition,
    });
  }

  /** Throws `log.topic-replaced` when a topic of the last commit is not the one it was. */
  async #checkTopics({ topics }: UnitReplay): Promise<void> {
    const { cluster, prefix } = this.#options;
    // What is known may be of before.
    cluster.forget();
    for (const { topic, id } of topics) {
      const is = await cluster.topicId(prefix + topic);
      if (is !== id) throw topicReplaced(prefix + topic, { was: id, is });
    }
  }

  async #tryToOwn(
    unit: WorkUnit,
    owner: Owner,
    reading: ChangelogReading,
    inTurn: InTurn,
  ): Promise<boolean> {
    const { delivery } = this.#options;
    const claimed = await inTurn(unit, async () => {
      // A turn may come late. A process that was frozen hears what has come before its overdue timers, of
      // which one says that the unit was let go: they have theirs first. From here on the holder is fenced.
      if (reading.signal !== undefined) await wait(0);
      reading.signal?.throwIfAborted();
      await delivery.begin(unit);
      return delivery.append(unit, [claimRecord(unit.place, owner)]);
    });
    const beginsAt = claimed + 1;
    await this.#readTo(unit, reading, beginsAt);
    const restored = reading.replay;
    if (!isSameOwner(restored.unit.owner, owner)) return false;
    const { positions, outputs, topics } = restored.unit;
    const settled: UnitRecord = { owner, beginsAt, positions, outputs, topics };
    const records = [
      ...restored.repairs().map((change) => stateRecord(unit.place, owner, change)),
      ...restored.obsolete(owner).map((key) => droppedRecord(unit.place, owner, key)),
      unitRecord(unit.place, settled),
    ];
    const last = await inTurn(unit, async () => {
      reading.signal?.throwIfAborted();
      return delivery.append(unit, records);
    });
    if (delivery.isDense && last !== beginsAt + records.length - 1) return false;
    const written = await this.#writtenOutputs(unit, restored.unit);
    // Held from the very record on that was read last: of a later one `readOn` says whose it is.
    return this.exclusively(unit, async () => {
      await this.readOn(unit);
      if (!isSameOwner(unit.replay.owner, owner)) return false;
      if (delivery.isDense && (unit.next ?? 0) > last + 1) return false;
      unit.restored = restored;
      unit.held = {
        owner,
        beginsAt,
        positions: new Map(positions.map((position) => [placeId(position), position])),
        outputs: new Map(outputs.map((mark) => [placeId(mark), mark])),
        topicIds: new Map(topics.map(({ topic, id }) => [topic, id])),
        written,
        lastOffset: last,
        confirmedMs: performance.now(),
        isDisturbed: false,
      };
      return true;
    });
  }

  /** Outputs behind the last commit: in every partition the unit writes to, from its mark on. */
  async #writtenOutputs(unit: WorkUnit, replay: UnitReplay): Promise<WrittenOutputs> {
    const { cluster, reader, prefix } = this.#options;
    const written = new WrittenOutputs();
    for (const { topic, partition, from: mark } of replay.outputs) {
      const place = { topic: prefix + topic, partition };
      const end = await cluster.endOffset(place.topic, partition);
      const from = Math.max(mark, await cluster.startOffset(place.topic, partition));
      for await (const records of reader.scan({ ...place, from }, end)) {
        for (const record of records) written.add(record, unit.partition, replay.positions);
      }
    }
    return written;
  }

  async #beginReading({ place }: WorkUnit, signal?: AbortSignal): Promise<ChangelogReading> {
    const next = await this.#options.cluster.startOffset(...at(place));
    return { replay: new StateReplay(), next, ms: 0, signal };
  }

  /** Reads on up to an offset. Who asks for the positions of the unit need not read it again. */
  async #readTo(unit: WorkUnit, reading: ChangelogReading, end: number): Promise<void> {
    if (end <= reading.next) return;
    const startedMs = performance.now();
    await this.#scan(unit, reading.next, end, (record) => {
      reading.signal?.throwIfAborted();
      reading.replay.take(record);
    });
    reading.ms += performance.now() - startedMs;
    reading.next = end;
    await this.exclusively(unit, async () => {
      // An owner has to see for itself whose records these are.
      if (unit.held !== null || end <= (unit.next ?? -1)) return;
      unit.replay.become(reading.replay.unit);
      unit.next = end;
    });
  }

  #reportRestored({ group, partition }: WorkUnit, { replay, ms }: ChangelogReading): void {
    const { records, bytes } = replay;
    this.#options.onRestored({ group, partition, records, bytes, ms });
  }

  async #scan(
    { place }: WorkUnit,
    from: number,
    end: number,
    take: (record: LogRecord) => void,
  ): Promise<void> {
    for await (const records of this.#options.reader.scan({ ...place, from }, end)) {
      for (const record of records) take(record);
    }
  }

  async #exists({ place }: WorkUnit): Promise<boolean> {
    const { topic, partition } = place;
    return partition >= 0 && partition < (await this.#options.cluster.partitionCount(topic));
  }

  #end({ place }: WorkUnit): Promise<number> {
    return this.#options.cluster.endOffset(...at(place));
  }
}

function at({ topic, partition }: ChangelogPlace): [string, number] {
  return [topic, partition];
}
