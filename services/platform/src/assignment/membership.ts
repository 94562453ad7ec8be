import type { Unit } from "./unit.ts";

/** Works on units; told by a membership which. */
export interface UnitWorker {
  /** Units that are being worked on, those that are just being let go among them. */
  held(): readonly Unit[];
  /** Works on these units from now on. Resolves when everything else is let go. */
  take(units: readonly Unit[]): Promise<void>;
}

/** What a process knows of its group. */
export interface MembershipStanding {
  readonly isMember: boolean;
  /** Why not, for people; null for a member. */
  readonly reason: string | null;
  readonly units: readonly Unit[];
  /** Divisions that this process took part in. */
  readonly rebalances: number;
}

/** One process among several that divide units of work among them. */
export interface Membership {
  /**
   * Takes part until `signal` aborts, then lets everything go and leaves. Rejects with what no later
   * try can change, such as `log.refused`.
   */
  run(worker: UnitWorker, signal: AbortSignal): Promise<void>;
  standing(): MembershipStanding;
}
