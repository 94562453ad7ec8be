import type { VolumeScope } from "@amc/schemas/generated/events";
import { StateReader, type StateWriter } from "../kernel/state-bytes.ts";
import type { StateCodec } from "../kernel/state-codec.ts";
import type { Provenance } from "./reference-state.ts";
import { type PendingDaily, SessionState } from "./session-state.ts";

/**
 * A session as bytes. Every symbol that traded is written with each commit, so this is a packed
 * format and not JSON: 0.5 us instead of 7.7 for a symbol, 357 bytes instead of 891.
 */

export const SESSION_CODEC: StateCodec<SessionState> = {
  format: 2,
  encode: encodeSession,
  decode: decodeSession,
};

const SCOPES: readonly VolumeScope[] = ["CONSOLIDATED", "REGULAR", "EXTENDED", "VENUE"];

function encodeSession(session: SessionState, into: StateWriter): void {
  into.text(session.day);
  into.uint32(session.ticks);
  into.uint32(session.regularTicks);
  into.float64(session.priceVolume);
  into.float64(session.volume);
  into.float64(session.extendedVolume);
  into.float64(session.dollarVolume);
  into.float64(session.open);
  into.float64(session.regularHigh);
  into.float64(session.regularLow);
  into.float64(session.regularClose);
  into.float64(session.openAt);
  into.float64(session.regularCloseAt);
  into.float64(session.firstPrice);
  into.float64(session.firstPriceAt);
  into.float64(session.high);
  into.float64(session.low);
  into.float64(session.price);
  into.float64(session.priceAt);
  into.float64(session.publishedAt);
  into.float64(session.capturedAt);
  into.text(session.source);
  into.float64(session.confidence);
  writeScope(session.scope, into);
  into.boolean(session.mixedScopes);
  into.boolean(session.simulated);
  into.uint32(session.suspectPrints);
  into.uint32(session.lateFacts);
  into.uint8(session.crossedLevels);
  into.text(session.firstId);
  into.text(session.lastId);
  for (const lane of session.idSum) into.uint32(lane);
  into.boolean(session.daily !== null);
  if (session.daily !== null) writeDaily(session.daily, into);
  into.boolean(session.dailyJudged);
  into.boolean(session.previous !== null);
  if (session.previous !== null) writeProvenance(session.previous, into);
  into.float64(session.jumpAge);
}

function decodeSession(bytes: Uint8Array): SessionState {
  const from = new StateReader(bytes);
  const session = new SessionState(from.text());
  session.ticks = from.uint32();
  session.regularTicks = from.uint32();
  session.priceVolume = from.float64();
  session.volume = from.float64();
  session.extendedVolume = from.float64();
  session.dollarVolume = from.float64();
  session.open = from.float64();
  session.regularHigh = from.float64();
  session.regularLow = from.float64();
  session.regularClose = from.float64();
  session.openAt = from.float64();
  session.regularCloseAt = from.float64();
  session.firstPrice = from.float64();
  session.firstPriceAt = from.float64();
  session.high = from.float64();
  session.low = from.float64();
  session.price = from.float64();
  session.priceAt = from.float64();
  session.publishedAt = from.float64();
  session.capturedAt = from.float64();
  session.source = from.text();
  session.confidence = from.float64();
  session.scope = readScope(from);
  session.mixedScopes = from.boolean();
  session.simulated = from.boolean();
  session.suspectPrints = from.uint32();
  session.lateFacts = from.uint32();
  session.crossedLevels = from.uint8();
  session.firstId = from.text();
  session.lastId = from.text();
  for (let lane = 0; lane < 4; lane += 1) session.idSum[lane] = from.uint32();
  session.daily = from.boolean() ? readDaily(from) : null;
  session.dailyJudged = from.boolean();
  session.previous = from.boolean() ? readProvenance(from) : null;
  session.jumpAge = from.float64();
  from.expectEnd();
  return session;
}

function writeScope(scope: VolumeScope, into: StateWriter): void {
  into.uint8(SCOPES.indexOf(scope));
}

function readScope(from: StateReader): VolumeScope {
  const scope = SCOPES[from.uint8()];
  if (scope === undefined) throw new RangeError("stored session names an unknown volume scope");
  return scope;
}

function writeProvenance(fact: Provenance, into: StateWriter): void {
  into.text(fact.id);
  into.text(fact.source);
  into.float64(fact.confidence);
  into.float64(fact.happenedAt);
  into.float64(fact.publishedAt);
  into.float64(fact.capturedAt);
  into.boolean(fact.simulated);
}

function readProvenance(from: StateReader): Provenance {
  return {
    id: from.text(),
    source: from.text(),
    confidence: from.float64(),
    happenedAt: from.float64(),
    publishedAt: from.float64(),
    capturedAt: from.float64(),
    simulated: from.boolean(),
  };
}

function writeDaily(daily: PendingDaily, into: StateWriter): void {
  writeProvenance(daily, into);
  into.float64(daily.open);
  into.float64(daily.high);
  into.float64(daily.low);
  into.float64(daily.close);
  into.float64(daily.volume);
  writeScope(daily.scope, into);
}

function readDaily(from: StateReader): PendingDaily {
  return {
    ...readProvenance(from),
    open: from.float64(),
    high: from.float64(),
    low: from.float64(),
    close: from.float64(),
    volume: from.float64(),
    scope: readScope(from),
  };
}
