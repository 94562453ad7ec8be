import type { Committed, Lease } from "../port.ts";
import { workUnitId } from "../work-unit.ts";
import type { CommitGroups, PendingCommit } from "./commit-group.ts";

/** What one group writes at most; more waits for the next. */
const GROUP_BYTES = 8 * 1_048_576;

type Job =
  | { readonly type: "commit"; readonly commit: PendingCommit }
  | { readonly type: "task"; readonly run: () => Promise<void> };

/** Jobs that are done one after the other. */
interface Line {
  readonly jobs: Job[];
  /** Settles when nothing is left; null while nothing is. */
  working: Promise<void> | null;
}

/** Everything that writes, in the order of the calls, one group of commits at a time. */
export class CommitQueue {
  readonly #groups: CommitGroups;
  readonly #mixesUnits: boolean;
  readonly #lines = new Map<string, Line>();

  /**
   * Without transactions commits of many units share their requests, in one line. A transaction is one
   * unit's: each unit has a line of its own, and so have commits without a lease.
   */
  constructor(groups: CommitGroups, { mixesUnits }: { readonly mixesUnits: boolean }) {
    this.#groups = groups;
    this.#mixesUnits = mixesUnits;
  }

  add(commit: Omit<PendingCommit, "bytes" | "resolve" | "reject">): Promise<Committed> {
    let bytes = 0;
    for (const { outgoing } of commit.appends) bytes += outgoing.bytes;
    for (const record of commit.state) bytes += record.bytes;
    return new Promise((resolve, reject) => {
      const job = { type: "commit", commit: { ...commit, bytes, resolve, reject } } as const;
      this.#put(this.#lineOf(commit.lease), job);
    });
  }

  /** Runs a task between two groups of a unit. */
  run<Result>(
    unit: Pick<Lease, "group" | "partition">,
    task: () => Promise<Result>,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      const run = () => task().then(resolve, reject);
      this.#put(this.#lineOf(unit), { type: "task", run });
    });
  }

  /** Resolves when everything that was accepted is settled. */
  async close(): Promise<void> {
    const working = () => [...this.#lines.values()].flatMap((line) => line.working ?? []);
    for (let left = working(); left.length > 0; left = working()) await Promise.all(left);
  }

  #lineOf(unit: Pick<Lease, "group" | "partition"> | undefined): Line {
    const isShared = this.#mixesUnits || unit === undefined;
    const id = isShared ? "" : workUnitId(unit.group, unit.partition);
    let line = this.#lines.get(id);
    if (line === undefined) {
      line = { jobs: [], working: null };
      this.#lines.set(id, line);
    }
    return line;
  }

  #put(line: Line, job: Job): void {
    line.jobs.push(job);
    line.working ??= this.#work(line);
  }

  async #work(line: Line): Promise<void> {
    // Commits of one turn of the event loop share a group.
    await Promise.resolve();
    for (let job = line.jobs.shift(); job !== undefined; job = line.jobs.shift()) {
      if (job.type === "task") await job.run();
      else await this.#groups.write([job.commit, ...following(line, job.commit)]);
    }
    line.working = null;
  }
}

/** Commits behind the first one that fit into its group. */
function following({ jobs }: Line, first: PendingCommit): PendingCommit[] {
  const commits: PendingCommit[] = [];
  let total = first.bytes;
  for (;;) {
    const [next] = jobs;
    if (next?.type !== "commit" || total + next.commit.bytes > GROUP_BYTES) return commits;
    total += next.commit.bytes;
    commits.push(next.commit);
    jobs.shift();
  }
}
