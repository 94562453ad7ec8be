/**
 * Puts the faults of the matrix into the product, one after the other, and says whether their
 * invariants held and whether the broken builds were caught: `npm run faults -- --full`.
 */
import { parseArgs } from "node:util";
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
import { SLOW_CONSUMER } from "./f30-slow-consumer.ts";
import { FAULTY_LINES } from "./f31-faulty-lines.ts";
import { SERVICES_TERMINATED } from "./f32-services-terminated.ts";
import { RESTORED_TABLES } from "./f35-restored-tables.ts";
import { HISTORY_GONE } from "./f36-history-gone.ts";
import type { Build, Fault, FaultOutcome } from "./fault.ts";
import { judge } from "./judge.ts";
import { closeServers } from "./servers.ts";
import { type StrikeRange, strikeRange } from "./strike-range.ts";

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
  SLOW_CONSUMER,
  FAULTY_LINES,
  SERVICES_TERMINATED,
  RESTORED_TABLES,
  HISTORY_GONE,
];

const USAGE = `npm run faults -- [--full] [--only F3,F9] [--strikes n] [--from-strike n] [--seed n] [--skip-control] [--json]

  --full          as often as docs/reliability.md says; minutes otherwise
  --only          these faults: ${FAULTS.map(({ id }) => id).join(", ")}
  --strikes       so often, whatever the fault
  --from-strike   the part of a run that begins with this strike, from 1: --full --from-strike 51
                  --strikes 50 puts in the second fifty, and parts that follow each other add up
  --seed          decides every time and place; 1 by default
  --skip-control  leave out the broken builds that must be caught
  --json          one JSON object per line
`;

const { values } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    only: { type: "string" },
    strikes: { type: "string" },
    "from-strike": { type: "string" },
    seed: { type: "string", default: "1" },
    "skip-control": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(USAGE);
    return EXIT.ok;
  }
  const wanted = values.only?.split(",");
  const unknown = wanted?.filter((id) => !FAULTS.some((fault) => fault.id === id)) ?? [];
  if (unknown.length > 0) {
    process.stderr.write(`no fault ${unknown.join(", ")}\n\n${USAGE}`);
    return EXIT.usage;
  }
  let allOk = true;
  for (const fault of FAULTS) {
    if (wanted !== undefined && !wanted.includes(fault.id)) continue;
    try {
      allOk = (await strike(fault)) && allOk;
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

async function strike(fault: Fault): Promise<boolean> {
  const { id, title, invariant, control } = fault;
  const startedMs = performance.now();
  tell({ type: "fault", id, title, invariant }, `${id} ${title}\n  must hold: ${invariant}`);
  const range = strikeRange(asked(), fault.strikes);
  const { first, last, seed } = range;
  const sound = await run(fault, "sound", { strikes: last - first + 1, seed });
  const broken = values["skip-control"]
    ? null
    : await run(fault, "broken", { strikes: fault.strikes.control, seed });
  const { ok, caughtBy } = judge(sound, broken);
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
      ...{
        type: "fault-result",
        id,
        ok,
        seed: asked().seed,
        first,
        last,
        full: fault.strikes.full,
      },
      ...{ sound, control: broken, elapsedMs },
    },
    `  ${ok ? "held" : "FAILED"}: ${sound.strikes} strikes, ${countsText(sound)}\n  ${caught}\n  ${partText(fault, range)}, ${formatDuration(elapsedMs)}`,
  );
  return ok;
}

function asked() {
  const count = (words: string | undefined) => (words === undefined ? null : Number(words));
  const { full: isFull, strikes, seed } = values;
  return {
    ...{ isFull, from: count(values["from-strike"]), count: count(strikes), seed: Number(seed) },
  };
}

/** What repeats this part, and what it is a part of. */
function partText({ strikes }: Fault, { first, last }: StrikeRange): string {
  return `seed ${values.seed}, strikes ${first} to ${last} (${strikes.full} in full)`;
}

async function run(
  fault: Fault,
  build: Build,
  { strikes, seed }: { readonly strikes: number; readonly seed: number },
): Promise<FaultOutcome> {
  const outcome = await fault.run({
    ...{ build, strikes, seed },
    onStrike: (struck) => {
      if (process.stderr.isTTY) process.stderr.write(`\r  ${build}: ${struck} of ${strikes} `);
    },
  });
  if (build === "sound") {
    for (const violation of outcome.violations) tell(null, `  VIOLATED: ${violation}`);
    for (const excess of outcome.exceeded ?? []) tell(null, `  EXCEEDED: ${excess}`);
  }
  return outcome;
}

function countsText({ counts }: FaultOutcome): string {
  return Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(", ");
}

function tell(json: object | null, text: string): void {
  if (!values.json) process.stdout.write(`${text}\n`);
  else if (json !== null) process.stdout.write(`${JSON.stringify(json)}\n`);
}

try {
  process.exitCode = await main();
} finally {
  await closeServers();
}
