import { REDIS_MISSING } from "@amc/platform/cache/testing/redis-server";
import {
  answersOf,
  CACHE_FAULTS,
  OUTDATED,
  StruckCache,
} from "@amc/query-api/testing/struck-cache";
import { seededRandom } from "@amc/replay/seeded-random";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";

/** Askings after each fault: before the connection is found broken, and after it. */
const ROUNDS = 3;
const ANSWER_MS_MAX = 1_000;
/** What the API waits for Redis; five times as long as it does by default, for a busy machine. */
const CACHE_MS_MAX = 500;

export const REDIS_OUTAGES: Fault = {
  id: "F14",
  title:
    "Redis killed, flushed, emptied, read-only, silent, cut off, lying or behind, before the API",
  invariant: `every answer is that without a Redis, byte for byte, within ${ANSWER_MS_MAX / 1_000} s`,
  control: "an API that serves the run that Redis names",
  strikes: { full: 50, reduced: 22, control: 1 },
  run,
};

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  if (REDIS_MISSING !== null) throw new Error(REDIS_MISSING);
  const random = seededRandom(seed);
  const cache = await StruckCache.open(CACHE_MS_MAX);
  const kinds = CACHE_FAULTS.length;
  let [answered, slowestMs] = [0, 0];
  const violations: string[] = [];
  try {
    const app = build === "sound" ? cache.app : await cache.believing();
    for (let struck = 0; struck < strikes; struck += 1) {
      // Each kind once before any is drawn.
      const at = struck < kinds ? struck : Math.floor(random() * kinds);
      const [name, happen] = (build === "sound" ? CACHE_FAULTS[at] : null) ?? OUTDATED;
      await cache.restore();
      await happen(cache);
      for (let round = 0; round < ROUNDS; round += 1) {
        const answers = await answersOf(app, (ms) => {
          slowestMs = Math.max(slowestMs, Math.round(ms));
        });
        answered += answers.length;
        if (answers.some((answer, index) => answer !== cache.withoutRedis[index])) {
          violations.push(`it ${name}: another answer`);
        }
      }
      onStrike(struck + 1);
    }
    const exceeded = slowestMs > ANSWER_MS_MAX ? [`an answer took ${slowestMs} ms`] : [];
    const counts = { kinds, answers: answered, "slowest answer, ms": slowestMs };
    return { strikes, counts, violations, exceeded };
  } finally {
    await cache.close();
  }
}
