import { tradesOf } from "../simulated-trades.ts";
import { perSecond, Stopwatch } from "../stopwatch.ts";
import type { Measured, Scale, Workload } from "../workload.ts";
import { type Chain, chainMarket, type MarketSize, onChain, warmUp } from "./market.ts";
import { untilTaken } from "./parts.ts";

const SIZES: Readonly<Record<Scale, MarketSize>> = {
  small: { symbols: 200, minutes: 5 },
  full: { symbols: 1_000, minutes: 20 },
};
const TICKS = "market.price-tick.v1";

/** Aim: 60,000 on two cores with broker and all. */
export const KAFKA_CHAIN: Workload = {
  name: "kafka-chain",
  summary:
    "T through broker, stages and projector as processes: a backlog of trades to the last row",
  simulated: true,
  metrics: {
    ticksPerSecond: { unit: "ticks/s", atLeast: 60_000 },
    ticksPerCpuSecond: { unit: "ticks/CPU s" },
    stagesTicksPerCpuSecond: { unit: "ticks/CPU s" },
  },
  run: (scale) => onChain((chain) => measureChain(chain, scale)),
};

/**
 * Writes a day of trades, then times from letting the stages at them until every derived record is a
 * row. Processor time is that of stages and projector, without broker and PostgreSQL.
 */
async function measureChain(chain: Chain, scale: Scale): Promise<Measured> {
  const { stages, projector } = chain;
  const market = chainMarket(SIZES[scale]);
  const { feed, first } = await warmUp(chain, market);
  await stages.ask("hold");
  let ticks = 0;
  const writing = new Stopwatch();
  for (let slice = first; ; ) {
    const trades = tradesOf(slice);
    ticks += trades.facts.filter(({ topic }) => topic === TICKS).length;
    await feed.write(trades);
    const next = market.next();
    if (next.done === true) break;
    slice = next.value;
  }
  const writtenMs = writing.elapsedMs();
  const [stagesBefore, projectorBefore] = [await stages.ask("look"), await projector.ask("look")];
  const watch = new Stopwatch();
  await stages.ask("go");
  await untilTaken([stages, projector]);
  const elapsedMs = watch.elapsedMs();
  const stagesMs = (await stages.ask("look")).cpuMs - stagesBefore.cpuMs;
  const projectorMs = (await projector.ask("look")).cpuMs - projectorBefore.cpuMs;
  return {
    values: {
      ticksPerSecond: perSecond(ticks, elapsedMs),
      ticksPerCpuSecond: perSecond(ticks, stagesMs + projectorMs),
      stagesTicksPerCpuSecond: perSecond(ticks, stagesMs),
    },
    facts: { ...SIZES[scale], ticks, writtenPerSecond: perSecond(ticks, writtenMs) },
  };
}
