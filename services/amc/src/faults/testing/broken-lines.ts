import type { Database } from "../../database.ts";
import { ChildLife } from "./child-life.ts";
import type { DatabaseLine } from "./faulty-lines.ts";
import type { MarketOnKafka } from "./market-on-kafka.ts";
import type { ProjectorTask } from "./projector-task.ts";

/** A database that is struck by way of its line. */
export interface StruckDatabase {
  readonly database: Database;
  readonly databaseLine: DatabaseLine;
}

/** Spread of the exposure at which the broken build's line breaks. */
const EXPOSURES_MAX = 3;
/** Commits after which all projections have their connections. */
const COMMITS_BEFORE = 20;
/** So little that there are many more commits. */
const RECORDS_PER_READ = 20;
/** The driver's word for no deadline at all. */
const FOR_EVER = { connectionTimeoutMs: 0, statementTimeoutMs: 0, answerTimeoutMs: 0 };

/** The projector's connections break where its positions are committed and the rows are not. */
export async function breakCommits(
  { place }: MarketOnKafka,
  { databaseLine: { line, projector } }: StruckDatabase,
  random: () => number,
): Promise<void> {
  const task: ProjectorTask = { place, database: projector, build: "broken" };
  const life = new ChildLife("struck-projector.ts", task);
  const exposures = 1 + Math.floor(random() * EXPOSURES_MAX);
  for (let seen = 0; seen < exposures; seen += 1) await life.next("EXPOSED");
  line.cut();
  await life.ended();
}

/**
 * Whether a projector whose client waits for ever neither commits nor ends for longer than `patienceMs`,
 * once all of its connections are half-open; it is ended then.
 */
export async function waitsForEver(
  { place }: MarketOnKafka,
  { databaseLine: { line, projector } }: StruckDatabase,
  patienceMs: number,
): Promise<boolean> {
  const task: ProjectorTask = {
    build: "sound",
    ...{ place, database: projector, recordsPerRead: RECORDS_PER_READ, waits: FOR_EVER },
  };
  const life = new ChildLife("struck-projector.ts", task);
  while (life.times("COMMITTED") < COMMITS_BEFORE && !life.isOver) await life.next("COMMITTED");
  line.forget();
  while (!life.isOver) if (!(await life.goesOn("COMMITTED", patienceMs))) return true;
  return false;
}
