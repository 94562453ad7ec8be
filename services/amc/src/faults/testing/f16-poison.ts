import { createHash } from "node:crypto";
import type { Log, LogRecord } from "@amc/platform/log/port";
import { deadLetterTopic } from "@amc/platform/runtime/dead-letter";
import { recordsOf } from "@amc/replay/log-digests";
import { seededRandom } from "@amc/replay/seeded-random";
import type { FactSlice } from "@amc/replay/slices";
import { decodeEvent } from "@amc/schemas/codec";
import { POISON_KINDS, poisoned } from "../poison.ts";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";
import type { MarketOnKafka } from "./market-on-kafka.ts";
import { strikeArrivals } from "./struck-arrivals.ts";

const TOPIC = "market.price-tick.v1";
/** Of all facts. */
const SHARE = 0.01;

export const POISON: Fault = {
  id: "F16",
  title: `${POISON_KINDS.length} kinds of poison, one record in a hundred, and processors killed over it`,
  invariant:
    "good records and dead letters are all there is: a letter for each poison, with its bytes, or their hash where they do not fit, its place and its reason; topics and tables as without the poison",
  control: "what cannot be read is passed over and written nowhere",
  strikes: { full: 10_000, reduced: 90, control: 1 },
  run,
};

function run(scope: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(scope.seed);
  const arrive = (facts: readonly FactSlice[]) => {
    const ticks = facts
      .flatMap((slice) => slice.facts)
      .flatMap((fact) => {
        if (fact.topic !== TOPIC || fact.append.value === null) return [];
        const decoded = decodeEvent(TOPIC, fact.append.value);
        return decoded.ok ? [{ fact, tick: decoded.value }] : [];
      });
    const { slices, poison } = poisoned(facts, ticks, Math.round(ticks.length * SHARE), random);
    return { written: slices, golden: facts, strikes: poison.length };
  };
  return strikeArrivals(
    {
      ...{ arrive, examine: examineLetters, defect: "letters-dropped" },
      telling: ["dead_letters"],
    },
    scope,
    random,
  );
}

/** Compares every record of the topic with the golden ones and with the letters about it. */
async function examineLetters(log: Log, { undisturbed }: MarketOnKafka): Promise<string[]> {
  const good = new Set<string>();
  const { log: golden } = await undisturbed();
  for await (const record of recordsOf(golden, TOPIC)) good.add(identityOf(record));
  const letters = new Map<string, LogRecord[]>();
  for await (const letter of recordsOf(log, deadLetterTopic(TOPIC))) {
    const { "dlq-partition": partition, "dlq-offset": offset } = letter.headers;
    const place = `${partition}/${offset}`;
    letters.set(place, [...(letters.get(place) ?? []), letter]);
  }
  const violations: string[] = [];
  for await (const record of recordsOf(log, TOPIC)) {
    if (good.delete(identityOf(record))) continue;
    const place = `${record.partition}/${record.offset}`;
    const [letter, ...copies] = letters.get(place) ?? [];
    letters.delete(place);
    if (letter === undefined) violations.push(`${place}: neither good nor dead-lettered`);
    else if (copies.length > 0) violations.push(`${place}: ${1 + copies.length} letters`);
    else if (!tellsOf(letter, record)) violations.push(`${place}: its letter tells something else`);
  }
  if (good.size > 0) violations.push(`${good.size} good records are missing`);
  if (letters.size > 0) violations.push(`${letters.size} letters about good records`);
  return violations;
}

function identityOf({ headers, value }: LogRecord): string {
  return `${headers.ce_id} ${Buffer.from(value ?? []).toString("base64")}`;
}

function tellsOf({ headers, value }: LogRecord, record: LogRecord): boolean {
  const sha256 = headers["dlq-value-sha256"] ?? sha256Of(value);
  const isWhole = sha256 === sha256Of(record.value);
  const isExplained = /^[a-z]+[.a-z0-9-]+$/.test(headers["dlq-code"] ?? "");
  return isWhole && isExplained && headers["dlq-topic"] === TOPIC && headers["dlq-reason"] !== "";
}

function sha256Of(value: Uint8Array | null): string {
  return createHash("sha256")
    .update(value ?? new Uint8Array())
    .digest("hex");
}
