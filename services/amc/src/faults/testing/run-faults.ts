/**
 * Puts the faults of the matrix into the product, one after the other, and says whether their
 * invariants held and whether the broken builds were caught: `npm run faults -- --full`.
 */
import { EXIT } from "../../exit-codes.ts";
import { formatDuration } from "../../output/format.ts";
import { PROJECTORS_KILLED } from "./f01-projectors-killed.ts";
import { KILLED_AT_FAILPOINTS } from "./f02-failpoints.ts";
import { PROCESSORS_KILLED } from "./f03-processors-killed.ts";
import { BROKERS_KILLED } from "./f04-brokers-killed.ts";
import { STALLED_LEADER } from "./f05-stalled-leader.ts";
import { TWO_BROKERS_AWAY } from "./f06-two-brokers-away.ts";
import { ROLLING_RESTART } from "./f07-rolling-restart.ts";
import { COORDINATOR_KILLED } from "./f08-coordinator-killed.ts";
import { ZOMBIES } from "./f09-zombies.ts";
import { REBALANCES } from "./f10-rebalances.ts";
import { DATABASE_RESTARTS } from "./f11-database-restarts.ts";
import { UNKNOWN_OUTCOMES } from "./f12-unknown-outcomes.ts";
import { SLOW_DATABASE } from "./f13-slow-database.ts";
import { REDIS_OUTAGES } from "./f14-redis-outages.ts";
import { REGISTRY_OUTAGES } from "./f15-registry-outages.ts";
import { POISON } from "./f16-poison.ts";
import { DUPLICATES } from "./f17-duplicates.ts";
import { REORDERING } from "./f18-reordering.ts";
import { FAILED_SYNCS } from "./f20-failed-syncs.ts";
import { WRITERS_KILLED } from "./f21-writers-killed.ts";
import { CRASH_STATES } from "./f22-crash-states.ts";
import { DAMAGED_FILES } from "./f23-damaged-files.ts";
import { PROVIDER_FAILURES } from "./f28-provider-failures.ts";
import { CLOCK_JUMPS } from "./f29-clock-jumps.ts";
import { SLOW_CONSUMER } from "./f30-slow-consumer.ts";
import { FAULTY_LINES } from "./f31-faulty-lines.ts";
import { SERVICES_TERMINATED } from "./f32-services-terminated.ts";
import { RESTORED_TABLES } from "./f35-restored-tables.ts";
import { HISTORY_GONE } from "./f36-history-gone.ts";
import type { Build, Fault, FaultOutcome } from "./fault.ts";
import { type FaultOptions, faultOptions } from "./fault-options.ts";
import { judge } from "./judge.ts";
import { closeServers } from "./servers.ts";
import { strikeRange } from "./strike-range.ts";

const FAULTS: readonly Fault[] = [
  PROJECTORS_KILLED,
  KILLED_AT_FAILPOINTS,
  PROCESSORS_KILLED,
  BROKERS_KILLED,
  STALLED_LEADER,
  TWO_BROKERS_AWAY,
  ROLLING_RESTART,
  COORDINATOR_KILLED,
  ZOMBIES,
  REBALANCES,
  DATABASE_RESTARTS,
  UNKNOWN_OUTCOMES,
  SLOW_DATABASE,
  REDIS_OUTAGES,
  REGISTRY_OUTAGES,
  POISON,
  DUPLICATES,
  REORDERING,
  FAILED_SYNCS,
  WRITERS_KILLED,
  CRASH_STATES,
  DAMAGED_FILES,
  PROVIDER_FAILURES,
  CLOCK_JUMPS,
  SLOW_CONSUMER,
  FAULTY_LINES,
  SERVICES_TERMINATED,
  RESTORED_TABLES,
  HISTORY_GONE,
];

const USAGE = `npm run faults -- [--full] [--only F3,F9] [--strikes n] [--from-strike n] [--seed n] [--skip-control] [--json]

  --full          as often as docs/reliability.md says; minutes otherwise
  --only          these faults: ${FAULTS.map(({ id }) => id).join(", ")}
  --strikes       so often, whatever the fault: at least once, and fewer are a failure
  --from-strike   the part of a run that begins with this strike, from 1: --full --from-strike 51
                  --strikes 50 puts in the second fifty, and parts that follow each other add up
  --seed          decides every time and place; 1 by default
  --skip-control  leave out the broken builds that must be caught
  --json          one JSON object per line
`;

async function main(): Promise<number> {
  const ids = FAULTS.map(({ id }) => id);
  const options = faultOptions(process.argv.slice(2), ids);
  if ("problem" in options) {
    process.stderr.write(`${options.problem}\n\n${USAGE}`);
    return EXIT.usage;
  }
  if (options.isHelp) {
    process.stdout.write(USAGE);
    return EXIT.ok;
  }
  const tell = options.isJson ? tellJson : tellText;
  let allOk = true;
  for (const fault of FAULTS) {
    if (options.only !== undefined && !options.only.includes(fault.id)) continue;
    try {
      allOk = (await strike(fault, options, tell)) && allOk;
    } catch (error) {
      // A fault that cannot be put in says nothing about the others.
      allOk = false;
      const reason = error instanceof Error ? error.message : String(error);
      tell(
        { type: "fault-result", id: fault.id, ok: false, error: reason },
        `  FAILED: ${error instanceof Error ? error.stack : reason}`,
      );
    }
  }
  return allOk ? EXIT.ok : EXIT.failed;
}

type Tell = (json: object | null, text: string) => void;

async function strike(fault: Fault, options: FaultOptions, tell: Tell): Promise<boolean> {
  const { id, title, invariant, control } = fault;
  const startedMs = performance.now();
  tell({ type: "fault", id, title, invariant }, `${id} ${title}\n  must hold: ${invariant}`);
  const { skipsControl, isFull, fromStrike, strikes: count } = options;
  const asked = { isFull, from: fromStrike ?? null, count: count ?? null, seed: options.seed };
  const range = strikeRange(asked, fault.strikes);
  const { first, last, seed } = range;
  const strikes = last - first + 1;
  const sound = await run(fault, "sound", { strikes, seed });
  for (const violation of sound.violations) tell(null, `  VIOLATED: ${violation}`);
  for (const excess of sound.exceeded ?? []) tell(null, `  EXCEEDED: ${excess}`);
  const broken = skipsControl
    ? null
    : await run(fault, "broken", { strikes: fault.strikes.control, seed });
  const { ok, missing, caughtBy } = judge(strikes, sound, broken);
  if (missing > 0) tell(null, `  NOT STRUCK: ${missing} of ${strikes} times`);
  const elapsedMs = Math.round(performance.now() - startedMs);
  if (broken !== null && caughtBy === null) {
    for (const told of broken.exceeded ?? []) tell(null, `  control: ${told}`);
  }
  const caught =
    broken === null
      ? "control left out"
      : caughtBy !== null
        ? `control caught (${control}): ${caughtBy}`
        : `CONTROL NOT CAUGHT (${control}), SO THE CHECK PROVES NOTHING`;
  tell(
    {
      ...{ type: "fault-result", id, ok, seed: options.seed, first, last },
      ...{ full: fault.strikes.full, asked: strikes, sound, control: broken, elapsedMs },
    },
    `  ${ok ? "held" : "FAILED"}: ${sound.strikes} strikes, ${countsText(sound)}\n  ${caught}\n  seed ${options.seed}, strikes ${first} to ${last} (${fault.strikes.full} in full), ${formatDuration(elapsedMs)}`,
  );
  return ok;
}

async function run(
  fault: Fault,
  build: Build,
  { strikes, seed }: { readonly strikes: number; readonly seed: number },
): Promise<FaultOutcome> {
  return await fault.run({
    ...{ build, strikes, seed },
    onStrike: (struck) => {
      if (process.stderr.isTTY) process.stderr.write(`\r  ${build}: ${struck} of ${strikes} `);
    },
  });
}

function countsText({ counts }: FaultOutcome): string {
  return Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(", ");
}

function tellText(_json: object | null, text: string): void {
  process.stdout.write(`${text}\n`);
}

function tellJson(json: object | null): void {
  if (json !== null) process.stdout.write(`${JSON.stringify(json)}\n`);
}

try {
  process.exitCode = await main();
} finally {
  await closeServers();
}
