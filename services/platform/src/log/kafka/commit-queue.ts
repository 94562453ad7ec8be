import type { Committed, Lease } from "../port.ts";
import type { CommitGroups, PendingCommit } from "./commit-group.ts";

/** What one group writes at most; more waits for the next. */
const GROUP_BYTES = 8 * 1_048_576;

type Job =
  | { readonly type: "commit"; readonly commit: PendingCommit }
  | { readonly type: "task"; readonly run: () => Promise<void> };

/** Everything that writes, in the order of the calls, one group of commits at a time. */
export class CommitQueue {
  readonly #groups: CommitGroups;
  readonly #mixesUnits: boolean;
  readonly #jobs: Job[] = [];
  #isWorking = false;
  #settled: Promise<void> = Promise.resolve();

  /** A transaction is one unit's; without transactions commits of many units share their requests. */
  constructor(groups: CommitGroups, { mixesUnits }: { readonly mixesUnits: boolean }) {
    this.#groups = groups;
    this.#mixesUnits = mixesUnits;
  }

  add(commit: Omit<PendingCommit, "bytes" | "resolve" | "reject">): Promise<Committed> {
    let bytes = 0;
    for (const { outgoing } of commit.appends) bytes += outgoing.bytes;
    for (const record of commit.state) bytes += record.bytes;
    return new Promise((resolve, reject) => {
      this.#jobs.push({ type: "commit", commit: { ...commit, bytes, resolve, reject } });
      this.#start();
    });
  }

  /** Runs a task between two groups. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ type: "task", run: () => task().then(resolve, reject) });
      this.#start();
    });
  }

  /** Resolves when everything that was accepted is settled. */
  async close(): Promise<void> {
    while (this.#isWorking) await this.#settled;
  }

  #start(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#settled = this.#work();
  }

  async #work(): Promise<void> {
    // Commits of one turn of the event loop share a group.
    await Promise.resolve();
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      if (job.type === "task") await job.run();
      else await this.#groups.write([job.commit, ...this.#following(job.commit)]);
    }
    this.#isWorking = false;
  }

  #following(first: PendingCommit): PendingCommit[] {
    const commits: PendingCommit[] = [];
    let total = first.bytes;
    for (;;) {
      const [next] = this.#jobs;
      if (next?.type !== "commit" || total + next.commit.bytes > GROUP_BYTES) return commits;
      if (!this.#mixesUnits && !isSameUnit(first.lease, next.commit.lease)) return commits;
      total += next.commit.bytes;
      commits.push(next.commit);
      this.#jobs.shift();
    }
  }
}

function isSameUnit(a: Lease | undefined, b: Lease | undefined): boolean {
  return a?.group === b?.group && a?.partition === b?.partition;
}
