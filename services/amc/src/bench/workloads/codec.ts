import type { Log } from "@amc/platform/log/port";
import { replayTopology } from "@amc/replay/replay-topologies";
import { runInMemory } from "@amc/replay/run-topology";
import { simulatedMarket } from "@amc/replay/simulated-market";
import { decodeEvent, encodeEvent } from "@amc/schemas/codec";
import type { TopicName } from "@amc/schemas/topics";
import { perSecond, Stopwatch } from "../stopwatch.ts";
import type { Measured, Scale, Workload } from "../workload.ts";

const MARKET = { symbols: 50, warmupSessions: 105, sessions: 1, minutes: 60, seed: 20250721 };
/** Different events per topic: more than a cache would make believe. */
const EVENTS_MAX = 2_000;
const READ = { maxRecords: EVENTS_MAX, maxBytes: 64 * 1024 * 1024 };
const ROUND_MS: Readonly<Record<Scale, number>> = { small: 100, full: 1_000 };
/** Rounds before the counted one: an encoder of ninety fields takes a second to settle. */
const WARM_UP_ROUNDS = 3;

const TOPICS = {
  tick: "market.price-tick.v1",
  features: "signals.features.v1",
  verdict: "signals.verdict.v1",
} as const satisfies Record<string, TopicName>;

type Kind = keyof typeof TOPICS;
const KINDS: readonly Kind[] = ["tick", "features", "verdict"];

export const CODEC: Workload = {
  name: "codec",
  summary: "events of a simulated market to bytes and back, checks included, one core",
  simulated: true,
  metrics: Object.fromEntries(
    KINDS.flatMap((kind) => [
      [`${kind}Encode`, { unit: "events/s" }],
      [`${kind}Decode`, { unit: "events/s" }],
    ]),
  ),
  run: measureCodec,
};

async function measureCodec(scale: Scale): Promise<Measured> {
  const log = await runInMemory(simulatedMarket(MARKET), replayTopology());
  const values: Record<string, number> = {};
  const facts: Record<string, number> = {};
  for (const kind of KINDS) {
    const { encode, decode, meanBytes } = await measureTopic(log, TOPICS[kind], ROUND_MS[scale]);
    values[`${kind}Encode`] = encode;
    values[`${kind}Decode`] = decode;
    facts[`${kind}Bytes`] = meanBytes;
  }
  return { values, facts };
}

async function measureTopic<Topic extends TopicName>(log: Log, topic: Topic, roundMs: number) {
  // The newest records: those of the measured day, with everything known.
  const end = await log.endOffset(topic, 0);
  const records = await log.read(topic, 0, Math.max(0, end - EVENTS_MAX), READ);
  const messages = records.map(({ value }) => value ?? new Uint8Array(0));
  const events = messages.map((message) => {
    const decoded = decodeEvent(topic, message);
    if (!decoded.ok) throw new TypeError(`a simulated event does not decode: ${decoded.message}`);
    return decoded.value;
  });
  const bytes = messages.reduce((sum, { length }) => sum + length, 0);
  return {
    encode: rate(events.length, roundMs, () => {
      for (const event of events) encodeEvent(topic, event);
    }),
    decode: rate(messages.length, roundMs, () => {
      for (const message of messages) decodeEvent(topic, message);
    }),
    meanBytes: Math.round(bytes / messages.length),
  };
}

/** Events per second of the last round, the earlier ones being warm-up. */
function rate(count: number, roundMs: number, work: () => void): number {
  let measured = 0;
  for (let round = 0; round <= WARM_UP_ROUNDS; round += 1) {
    const watch = new Stopwatch();
    let done = 0;
    while (watch.elapsedMs() < roundMs) {
      work();
      done += count;
    }
    measured = perSecond(done, watch.elapsedMs());
  }
  return measured;
}
