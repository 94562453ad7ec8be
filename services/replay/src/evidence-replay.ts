import type { Log } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { decodeEvent } from "@amc/schemas/codec";
import type { Features, Input, Recommendation } from "@amc/schemas/generated/events";
import { addUuid, lanesToHex } from "@amc/streams/kernel/ids";
import type { Subtopology } from "@amc/streams/kernel/stage";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { tradingDayOf, tradingDayOfBar } from "@amc/streams/market/sessions";
import { recordsOf } from "./log-digests.ts";
import { runInMemory } from "./run-topology.ts";
import type { FactSlice, SliceFactAppend } from "./slices.ts";

export interface EvidenceCheck {
  readonly recommendationId: string;
  readonly symbol: string;
  /** Facts that the explanation lists, and the roles in which it lists them. */
  readonly facts: number;
  readonly inputs: readonly string[];
  /** What went wrong; empty when the listed facts alone give the same recommendation. */
  readonly problems: readonly string[];
}

interface Issued {
  readonly id: string;
  readonly value: Recommendation;
}

/**
 * Replays, for each recommendation in a processed log, only the facts its features list as evidence,
 * with no slot but its own, and compares the recommendation that comes out. Rank and run belong to
 * the other symbols of the run and are left aside. The label that it rises from is that of the
 * recommendation before it on its day, whose evidence is its own.
 */
export async function checkEvidence(
  facts: readonly FactSlice[],
  processed: Log,
  topology: readonly Subtopology[],
): Promise<readonly EvidenceCheck[]> {
  const features = await featuresById(processed);
  const labels = new Map<string, string>();
  const checks: EvidenceCheck[] = [];
  for (const issued of await recommendationsOf(processed)) {
    const { featuresId, symbol, tradingDay, label, previousLabel } = issued.value;
    const evidence = features.get(featuresId);
    const check =
      evidence === undefined
        ? unreadable(issued)
        : await checkOne(issued, evidence, facts, topology);
    const before = labels.get(`${symbol}/${tradingDay}`) ?? "NONE";
    labels.set(`${symbol}/${tradingDay}`, label);
    const rise = before === previousLabel ? [] : [`it says that it rises from ${previousLabel}`];
    checks.push({ ...check, problems: [...check.problems, ...rise] });
  }
  return checks;
}

function nameOf({ id, value }: Issued): { recommendationId: string; symbol: string } {
  return { recommendationId: id, symbol: value.symbol };
}

function unreadable(issued: Issued): EvidenceCheck {
  const problems = ["its features event is not in the log"];
  return { ...nameOf(issued), facts: 0, inputs: [], problems };
}

async function checkOne(
  issued: Issued,
  evidence: Features,
  facts: readonly FactSlice[],
  topology: readonly Subtopology[],
): Promise<EvidenceCheck> {
  const problems: string[] = [];
  const listed = new Set<string>();
  for (const input of evidence.inputs) {
    const ids = idsOf(input, evidence, facts);
    if (ids.length !== input.count) {
      problems.push(`${input.role}: ${input.count} facts are listed, ${ids.length} found`);
    }
    if (sumOf(ids) !== input.hash) problems.push(`${input.role}: the hash does not fit the facts`);
    for (const id of ids) listed.add(id);
  }
  const replayed = await runInMemory(onlyListed(facts, listed, issued.value), topology);
  const again = (await recommendationsOf(replayed)).find(({ id }) => id === issued.id);
  if (again === undefined) problems.push("the listed facts alone give no such recommendation");
  else problems.push(...differences(issued.value, again.value));
  const inputs = evidence.inputs.map(({ role }) => role);
  return { ...nameOf(issued), facts: listed.size, inputs, problems };
}

/** Facts of a symbol that an evidence line covers, in the order of their publication. */
function idsOf(input: Input, evidence: Features, facts: readonly FactSlice[]): string[] {
  const known: SliceFactAppend[] = [];
  for (const slice of facts) {
    if (slice.atMs > evidence.happenedAt) break;
    const ofSymbol = slice.facts.filter(
      ({ topic, append }) => topic === input.topic && append.key === evidence.symbol,
    );
    known.push(...ofSymbol.sort(byPublication));
  }
  const ids =
    input.role === "volatilityHistory"
      ? lastSnapshotOfEachDay(known)
      : known.filter((fact) => playsRole(fact, input, evidence)).map(idOf);
  const first = ids.indexOf(input.firstId);
  const last = ids.lastIndexOf(input.lastId);
  return first < 0 || last < first ? [] : [...new Set(ids.slice(first, last + 1))];
}

/** Ticks serve as history or as the running day; of other topics the range alone decides. */
function playsRole(fact: SliceFactAppend, input: Input, evidence: Features): boolean {
  if (input.role !== "sessionTicks" && input.role !== "dailyBars") return true;
  if (fact.topic !== "market.price-tick.v1" || fact.append.value === null) return false;
  const decoded = decodeEvent("market.price-tick.v1", fact.append.value);
  if (!decoded.ok) return false;
  const { happenedAt, intervalMs } = decoded.value;
  const ofToday = tradingDayOfBar(happenedAt, intervalMs) === evidence.tradingDay;
  if (input.role === "dailyBars") return !ofToday && intervalMs >= DAY_MS;
  return ofToday && intervalMs >= DAY_MS !== evidence.intraday;
}

/**
 * Of option snapshots only the last of a trading day stays in the history. One that is taken after
 * a newer one never entered.
 */
function lastSnapshotOfEachDay(snapshots: readonly SliceFactAppend[]): string[] {
  const ofDay = new Map<string, string>();
  let newestAt = Number.NEGATIVE_INFINITY;
  for (const fact of snapshots) {
    if (fact.append.value === null) continue;
    const decoded = decodeEvent("market.options.v1", fact.append.value);
    if (!decoded.ok || decoded.value.happenedAt < newestAt) continue;
    newestAt = decoded.value.happenedAt;
    ofDay.set(tradingDayOf(newestAt), idOf(fact));
  }
  return [...ofDay.values()];
}

function byPublication(a: SliceFactAppend, b: SliceFactAppend): number {
  return a.publishedAt - b.publishedAt || (idOf(a) < idOf(b) ? -1 : 1);
}

function idOf({ append }: SliceFactAppend): string {
  return append.headers.ce_id ?? "";
}

function sumOf(ids: readonly string[]): string {
  const sum = new Uint32Array(4);
  for (const id of ids) addUuid(sum, id);
  return lanesToHex(sum);
}

/**
 * The slices of the market with nothing in them but the listed facts, up to the recommendation. No
 * other slot fires: with the facts of one slot alone another might recommend the symbol before it.
 */
function* onlyListed(
  facts: readonly FactSlice[],
  listed: ReadonlySet<string>,
  { happenedAt }: Recommendation,
): Generator<FactSlice> {
  for (const slice of facts) {
    if (slice.atMs > happenedAt) return;
    const discovery = slice.discovery && slice.atMs === happenedAt;
    yield { ...slice, discovery, facts: slice.facts.filter((fact) => listed.has(idOf(fact))) };
  }
}

const OF_THE_RUN: ReadonlySet<string> = new Set(["rank", "runId", "previousLabel"]);

function differences(was: Recommendation, is: Recommendation): string[] {
  const now = new Map<string, unknown>(Object.entries(is));
  return Object.entries(was)
    .filter(([field, value]) => {
      if (OF_THE_RUN.has(field)) return false;
      return JSON.stringify(value) !== JSON.stringify(now.get(field));
    })
    .map(([field]) => `${field} differs`);
}

async function recommendationsOf(log: Log): Promise<Issued[]> {
  const issued: Issued[] = [];
  for await (const record of recordsOf(log, "discovery.recommendation.v1")) {
    const decoded = decodeRecord(record, false);
    if (decoded.ok && decoded.event.topic === "discovery.recommendation.v1") {
      issued.push({ id: decoded.event.id, value: decoded.event.value });
    }
  }
  return issued;
}

async function featuresById(log: Log): Promise<Map<string, Features>> {
  const features = new Map<string, Features>();
  for await (const record of recordsOf(log, "signals.features.v1")) {
    const decoded = decodeRecord(record, false);
    if (!decoded.ok || decoded.event.topic !== "signals.features.v1") continue;
    if (decoded.event.value.slot !== null) features.set(decoded.event.id, decoded.event.value);
  }
  return features;
}
