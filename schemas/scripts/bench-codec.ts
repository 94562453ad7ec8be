import { loadavg } from "node:os";
import { performance } from "node:perf_hooks";
import fc from "fast-check";
import { decodeEvent, encodeEvent } from "../src/codec.ts";
import { arbitraryEvent } from "../src/testing/arbitrary-event.ts";
import { avscType } from "../src/testing/avsc-type.ts";
import type { TopicName } from "../src/topics.ts";
import { validateFact } from "../src/validate.ts";

/**
 * Messages per second of the codec on one core, over 512 different generated events of a topic, with
 * avsc's own rates beside them (which check nothing): `node schemas/scripts/bench-codec.ts`.
 * One JSON object per line: median, least and most of 9 rounds of a fifth of a second each.
 */

const EVENTS = 512;
const ROUNDS = 9;
const ROUND_MS = 200;
const WARM_UP_ROUNDS = 6;

interface Rate {
  readonly perSecond: number;
  /** By the CPU time of the process, which other load on the machine hardly touches. */
  readonly perCpuSecond: number;
}

function rate(work: () => void): Rate {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  let done = 0;
  let elapsedMs = 0;
  while (elapsedMs < ROUND_MS) {
    work();
    done += EVENTS;
    elapsedMs = performance.now() - startMs;
  }
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: Math.round((done / elapsedMs) * 1000),
    perCpuSecond: Math.round((done / (user + system)) * 1e6),
  };
}

function spread(rates: readonly number[]): object {
  const sorted = rates.toSorted((a, b) => a - b);
  return { median: sorted[ROUNDS >> 1], least: sorted[0], most: sorted.at(-1) };
}

function report(topic: TopicName, name: string, bytesMean: number, work: () => void): void {
  // The engine takes a second to settle on the code of a record of ninety fields.
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) rate(work);
  const rates = Array.from({ length: ROUNDS }, () => rate(work));
  const perSecond = spread(rates.map((one) => one.perSecond));
  const perCpuSecond = spread(rates.map((one) => one.perCpuSecond));
  const line = { type: "codec", topic, name, perSecond, perCpuSecond, bytesMean };
  process.stdout.write(`${JSON.stringify({ ...line, load: loadavg()[0] })}\n`);
}

/** Takes every result, so that no work can be left out as useless. */
let kept: unknown;

/** Market data is ASCII but for a headline now and then; the generator loves what is not. */
function withPlainText<Event>(event: Event): Event {
  return JSON.parse(JSON.stringify(event).replaceAll(/[^ -~]+/g, "x"));
}

function bench<T extends TopicName>(topic: T): void {
  const events = fc.sample(arbitraryEvent(topic), { numRuns: EVENTS, seed: 8 }).map(withPlainText);
  const messages = events.map((event) => encodeEvent(topic, event));
  const bodies = messages.map((bytes) => Buffer.from(bytes.subarray(5)));
  const bytesMean = Math.round(messages.reduce((sum, { length }) => sum + length, 0) / EVENTS);
  const avsc = avscType(topic);
  const measure = (name: string, work: () => void) => report(topic, name, bytesMean, work);
  measure("encode", () => {
    for (const event of events) kept = encodeEvent(topic, event);
  });
  measure("decode", () => {
    for (const bytes of messages) kept = decodeEvent(topic, bytes);
  });
  measure("validate", () => {
    for (const event of events) kept = validateFact(topic, event);
  });
  measure("avsc toBuffer", () => {
    for (const event of events) kept = avsc.toBuffer(event);
  });
  measure("avsc fromBuffer", () => {
    for (const body of bodies) kept = avsc.fromBuffer(body);
  });
}

bench("market.price-tick.v1");
bench("signals.features.v1");
bench("signals.verdict.v1");
if (kept === undefined) process.exitCode = 1;
