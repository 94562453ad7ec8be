import { LogError } from "../errors.ts";
import type { LogRecord, Position, StateChange } from "../port.ts";
import { type Outgoing, toOutgoing } from "./outgoing.ts";

/**
 * The changelog of a group, `state.<group>`: one partition per work unit, compacted. Three kinds of
 * records, told apart by their keys:
 *
 * - `claim/<epoch>/<id>`: from here on the unit belongs to this owner, if no other has the epoch
 * - `unit/<epoch>/<id>`: a commit; it counts if the unit belongs to this owner at that point
 * - `["store","key"]`: a change of state; it counts with the next commit of the owner that wrote it
 *
 * Claims and units have the owner in their key, so that compaction never drops what the owner wrote
 * for what a zombie wrote after it.
 */

const CLAIM_KEY = "claim/";
const UNIT_KEY = "unit/";
const OWNER_HEADER = "amc-owner";
const FORMAT = 1;

/** Who wrote a record: an epoch is given once only, but two may try for it at the same moment. */
export interface Owner {
  readonly epoch: number;
  /** Random, of one `acquire`. */
  readonly id: string;
}

/** A partition that the unit's outputs go to. Outputs not yet committed lie at or past `from`. */
export interface OutputMark {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
}

/** What tells a topic from a later one of the same name. */
export interface TopicIdentity {
  readonly topic: string;
  readonly id: string;
}

/** Everything about a unit but its state; each one replaces the one before. */
export interface UnitRecord {
  readonly owner: Owner;
  /**
   * Where the owner began to write, after it had read everything before and repaired what did not
   * count: of the records before it the newest of each key is the one that counts.
   */
  readonly beginsAt: number;
  readonly positions: readonly Position[];
  readonly outputs: readonly OutputMark[];
  /** The topics that positions and outputs are of. */
  readonly topics: readonly TopicIdentity[];
}

export interface ChangelogPlace {
  /** As the brokers know it. */
  readonly topic: string;
  readonly partition: number;
}

export function stateRecord(place: ChangelogPlace, owner: Owner, change: StateChange): Outgoing {
  const { store, key, value } = change;
  const headers = { [OWNER_HEADER]: ownerText(owner) };
  return toOutgoing(place.topic, place.partition, {
    key: JSON.stringify([store, key]),
    value,
    headers,
  });
}

export function claimRecord(place: ChangelogPlace, owner: Owner): Outgoing {
  return ownRecord(place, owner, CLAIM_KEY + ownerText(owner), Buffer.alloc(0));
}

export function unitRecord(place: ChangelogPlace, unit: UnitRecord): Outgoing {
  const value = Buffer.from(
    JSON.stringify({
      format: FORMAT,
      beginsAt: unit.beginsAt,
      positions: unit.positions.map(({ topic, partition, next }) => [topic, partition, next]),
      outputs: unit.outputs.map(({ topic, partition, from }) => [topic, partition, from]),
      topics: unit.topics.map(({ topic, id }) => [topic, id]),
    }),
  );
  return ownRecord(place, unit.owner, UNIT_KEY + ownerText(unit.owner), value);
}

/** Removes claims and units of former owners. */
export function droppedRecord(place: ChangelogPlace, owner: Owner, key: string): Outgoing {
  return ownRecord(place, owner, key, null);
}

export type ChangelogRecord =
  | { readonly type: "claim"; readonly owner: Owner }
  | { readonly type: "unit"; readonly unit: UnitRecord }
  | { readonly type: "state"; readonly owner: Owner; readonly change: StateChange }
  | { readonly type: "dropped" };

/** Throws `log.corrupt` for anything that the functions above have not written. */
export function parseChangelogRecord(record: LogRecord): ChangelogRecord {
  try {
    return parsed(record);
  } catch (error) {
    const { topic, partition, offset } = record;
    throw new LogError(
      "log.corrupt",
      `${topic}/${partition} holds a record at ${offset} that is none of a changelog`,
      { topic, partition, offset, key: (record.key ?? "").slice(0, 100) },
      { cause: error },
    );
  }
}

function parsed({ key: recordKey, value, headers }: LogRecord): ChangelogRecord {
  const name = recordKey ?? "";
  const owner = parseOwner(headers[OWNER_HEADER] ?? "");
  if (name.startsWith("[")) {
    const [store, key] = tuple(JSON.parse(name));
    return { type: "state", owner, change: { store: text(store), key: text(key), value } };
  }
  if (value === null) return { type: "dropped" };
  if (name.startsWith(CLAIM_KEY)) return { type: "claim", owner };
  if (name.startsWith(UNIT_KEY)) return { type: "unit", unit: { owner, ...parseUnit(value) } };
  throw new TypeError("an unknown key");
}

function ownRecord(place: ChangelogPlace, owner: Owner, key: string, value: Buffer | null) {
  const headers = { [OWNER_HEADER]: ownerText(owner) };
  return toOutgoing(place.topic, place.partition, { key, value, headers });
}

export function isWrittenBy(record: LogRecord, owner: Owner): boolean {
  return record.headers[OWNER_HEADER] === ownerText(owner);
}

function ownerText({ epoch, id }: Owner): string {
  return `${epoch}/${id}`;
}

function parseOwner(header: string): Owner {
  const [epoch = "", id = ""] = header.split("/");
  if (id === "") throw new TypeError("no owner");
  return { epoch: wholeNumber(Number(epoch)), id };
}

function parseUnit(value: Uint8Array): Omit<UnitRecord, "owner"> {
  const json: unknown = JSON.parse(Buffer.from(value).toString("utf8"));
  if (typeof json !== "object" || json === null) throw new TypeError("no object");
  if (!("topics" in json)) throw new TypeError("a field is missing");
  if (!("format" in json) || json.format !== FORMAT) throw new TypeError("another format");
  if (!("beginsAt" in json) || !("positions" in json) || !("outputs" in json)) {
    throw new TypeError("a field is missing");
  }
  return {
    beginsAt: wholeNumber(json.beginsAt),
    positions: tuple(json.positions).map((one) => {
      const [topic, partition, next] = tuple(one);
      return { topic: text(topic), partition: wholeNumber(partition), next: wholeNumber(next) };
    }),
    outputs: tuple(json.outputs).map((one) => {
      const [topic, partition, from] = tuple(one);
      return { topic: text(topic), partition: wholeNumber(partition), from: wholeNumber(from) };
    }),
    topics: tuple(json.topics).map((one) => {
      const [topic, id] = tuple(one);
      return { topic: text(topic), id: text(id) };
    }),
  };
}

function tuple(json: unknown): readonly unknown[] {
  if (!Array.isArray(json)) throw new TypeError("no array");
  return json;
}

function text(json: unknown): string {
  if (typeof json !== "string") throw new TypeError("no text");
  return json;
}

function wholeNumber(json: unknown): number {
  if (typeof json !== "number" || !Number.isSafeInteger(json) || json < 0) {
    throw new TypeError("no whole number");
  }
  return json;
}
