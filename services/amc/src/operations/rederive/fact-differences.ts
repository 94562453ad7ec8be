import { statementOf } from "@amc/platform/log/append-new-facts";
import type { Log } from "@amc/platform/log/port";
import { recordsSince } from "@amc/platform/log/records-since";
import { decodeEvent } from "@amc/schemas/codec";
import { FACT_TOPICS, type FactTopic } from "@amc/schemas/topics";
import type { Fact } from "@amc/streams/kernel/fact";
import { captureKey, type DerivedAgain } from "./derive-again.ts";
import { vintageOf } from "./vintages.ts";

/** Producer of what is appended for answers of before. */
export const REDERIVE_PRODUCER = "/amc/rederive";

/** One field of a fact that is made otherwise now. */
export interface FieldDifference {
  readonly field: string;
  readonly was: unknown;
  readonly now: unknown;
}

/** A fact that the log has otherwise than today's code makes it. */
export interface FactDifference {
  /** `gone`: it was made of one of the answers, and is not any more. */
  readonly change: "new" | "changed" | "gone";
  readonly topic: FactTopic;
  readonly id: string;
  readonly value: Fact["value"];
  /** As it is made now; null for what is not. */
  readonly fact: Fact | null;
  /** False for a figure that was stated again since: what came later stands. */
  readonly stands: boolean;
  /** Empty but for what changed. */
  readonly fields: readonly FieldDifference[];
}

export interface TopicCounts {
  same: number;
  new: number;
  changed: number;
  gone: number;
}

export interface Compared {
  readonly differences: readonly FactDifference[];
  readonly counts: ReadonlyMap<FactTopic, TopicCounts>;
}

/** A fact of the log that the comparison is about. */
interface Stated {
  readonly topic: FactTopic;
  readonly id: string;
  readonly value: Fact["value"];
  readonly source: string;
}

/**
 * Facts as they are made now against those of the log. One out of the same answer has to be the same in every
 * field; one out of another answer, in what it states. How old a fact was when it came goes by limits that may
 * be set otherwise by now, and counts nowhere.
 */
export async function compareWithLog(log: Log, derived: DerivedAgain): Promise<Compared> {
  const stated = await statedFacts(log, derived);
  const differences: FactDifference[] = [];
  const counts = new Map<FactTopic, TopicCounts>();
  const count = (topic: FactTopic, kind: keyof TopicCounts) => {
    const known = counts.get(topic) ?? { same: 0, new: 0, changed: 0, gone: 0 };
    known[kind] += 1;
    counts.set(topic, known);
  };
  const told = new ToldVintages(stated, derived);
  for (const fact of [...derived.facts.values()].flat()) {
    const { topic, id, value } = fact;
    const was = otherwise(fact, stated.byId.get(id) ?? []);
    if (was === "same" || told.has(fact, was === "new")) {
      count(topic, "same");
      continue;
    }
    const change = was === "new" ? was : "changed";
    count(topic, change);
    const fields = was === "new" ? [] : fieldsOf(was, value);
    differences.push({ change, topic, id, value, fact, fields, stands: told.stands(fact) });
  }
  for (const { topic, id, value, source } of stated.all) {
    if (derived.facts.has(id) || source === REDERIVE_PRODUCER) continue;
    if (!derived.captures.has(captureKey(value, value.capturedAt))) continue;
    count(topic, "gone");
    const gone = { change: "gone", fact: null, fields: [], stands: false } as const;
    differences.push({ ...gone, topic, id, value });
  }
  return { differences, counts };
}

interface StatedFacts {
  readonly all: readonly Stated[];
  readonly byId: ReadonlyMap<string, readonly Stated[]>;
}

/** What the log has of the same ids, out of the same answers, and of figures that are stated again. */
async function statedFacts(log: Log, { facts, captures }: DerivedAgain): Promise<StatedFacts> {
  const values = [...facts.values()].flat().map(({ value }) => value);
  const keys = new Set(values.flatMap((value) => vintageOf(value)?.key ?? []));
  const sinceMs = values.reduce((first, { happenedAt }) => Math.min(first, happenedAt), Infinity);
  const all: Stated[] = [];
  for (const topic of FACT_TOPICS) {
    for await (const { value: bytes, headers } of recordsSince(log, topic, firstOf(sinceMs))) {
      const decoded = bytes === null ? null : decodeEvent<FactTopic>(topic, bytes);
      if (decoded?.ok !== true) continue;
      const { value } = decoded;
      const { ce_id: id = "", ce_source: source = "" } = headers;
      const isAbout =
        facts.has(id) ||
        captures.has(captureKey(value, value.capturedAt)) ||
        (keys.size > 0 && keys.has(vintageOf(value)?.key ?? ""));
      if (isAbout) all.push({ topic, id, value, source });
    }
  }
  return { all, byId: Map.groupBy(all, ({ id }) => id) };
}

/** Without facts, all that the log has: what came of the answers may be of any time. */
function firstOf(sinceMs: number): number {
  return Number.isFinite(sinceMs) ? sinceMs : 0;
}

/** What the log has in its place, `same` for itself, `new` for nothing. */
function otherwise(fact: Fact, stated: readonly Stated[]): Fact["value"] | "same" | "new" {
  if (stated.length === 0) return "new";
  const text = textOf(fact.value);
  if (stated.some(({ value }) => textOf(value) === text)) return "same";
  const ofAnswer = stated.find(({ value }) => value.capturedAt === fact.value.capturedAt);
  if (ofAnswer !== undefined) return ofAnswer.value;
  const figures = statementOf(fact.value);
  if (stated.some(({ value }) => statementOf(value) === figures)) return "same";
  return stated[0]?.value ?? "new";
}

function textOf(value: Fact["value"]): string {
  return JSON.stringify({ ...value, stale: false });
}

function fieldsOf(was: Fact["value"], now: Fact["value"]): readonly FieldDifference[] {
  const before = new Map<string, unknown>(Object.entries({ ...was, stale: false }));
  return Object.entries({ ...now, stale: false }).flatMap(([field, value]) =>
    JSON.stringify(before.get(field)) === JSON.stringify(value)
      ? []
      : [{ field, was: before.get(field), now: value }],
  );
}

/** Figures that are stated again with each answer: the log has them once until they change. */
class ToldVintages {
  readonly #logged = new Map<string, Stated[]>();
  readonly #derived = new Map<string, Fact["value"][]>();

  constructor({ all }: StatedFacts, { facts }: DerivedAgain) {
    for (const stated of all) {
      const key = vintageOf(stated.value)?.key;
      if (key !== undefined) this.#logged.set(key, [...(this.#logged.get(key) ?? []), stated]);
    }
    for (const { value } of [...facts.values()].flat()) {
      const key = vintageOf(value)?.key;
      if (key !== undefined) this.#derived.set(key, [...(this.#derived.get(key) ?? []), value]);
    }
  }

  /** Whether the log says so already: by the vintage before, or by a correction since. */
  has({ value }: Fact, isNew: boolean): boolean {
    const vintage = vintageOf(value);
    if (vintage === null) return false;
    const { key, figures } = vintage;
    const logged = this.#logged.get(key) ?? [];
    if (this.#isCorrected(key, logged)) return true;
    if (!isNew) return false;
    const isBefore = (other: Fact["value"]) => other.publishedAt < value.publishedAt;
    const before = [
      newest(logged.map((stated) => stated.value).filter(isBefore)),
      newest((this.#derived.get(key) ?? []).filter(isBefore)),
    ];
    return before.some((other) => other !== null && vintageOf(other)?.figures === figures);
  }

  /** Whether nobody has published the figure again after this fact. */
  stands({ value }: Fact): boolean {
    const key = vintageOf(value)?.key ?? "";
    const logged = (this.#logged.get(key) ?? []).map((stated) => stated.value);
    const all = [...logged, ...(this.#derived.get(key) ?? [])];
    return all.every(({ publishedAt }) => publishedAt <= value.publishedAt);
  }

  /** The newest figure of the log was appended by this command, and is the newest that is made now. */
  #isCorrected(key: string, logged: readonly Stated[]): boolean {
    const last = newest(logged.map(({ value }) => value));
    const ours = logged.find(({ value }) => value === last)?.source === REDERIVE_PRODUCER;
    const made = newest(this.#derived.get(key) ?? []);
    if (!ours || last === null || made === null) return false;
    return vintageOf(last)?.figures === vintageOf(made)?.figures;
  }
}

function newest(values: readonly Fact["value"][]): Fact["value"] | null {
  return values.reduce<Fact["value"] | null>(
    (last, value) => (last === null || value.publishedAt >= last.publishedAt ? value : last),
    null,
  );
}
