/** Who works on which unit by what the members say, and how long units were without anybody. */
export class MemberDesk {
  readonly #workers = new Map<string, Set<object>>();
  readonly #idleSinceMs = new Map<string, number>();
  readonly #nowMs: () => number;
  /** Longest time without a worker, by unit, ms. */
  readonly gaps = new Map<string, number>();

  /** Nobody works on any of `units` yet. */
  constructor(units: readonly string[], nowMs = () => performance.now()) {
    this.#nowMs = nowMs;
    for (const unit of units) {
      this.#workers.set(unit, new Set());
      this.gaps.set(unit, 0);
    }
  }

  /** Takes a word of a member: `BEGIN unit`, `END unit`. */
  hear(member: object, word: string): void {
    const [verb, unit = ""] = word.split(" ");
    if (verb === "BEGIN") this.#begin(member, unit);
    else if (verb === "END") this.#end(member, unit);
  }

  /** Of a member that can say nothing any more. */
  gone(member: object): void {
    for (const unit of this.#workers.keys()) this.#end(member, unit);
  }

  /** Longest gap of all, those that still last among them, ms. */
  longestMs(): number {
    const lasting = [...this.#idleSinceMs.values()].map((sinceMs) => this.#nowMs() - sinceMs);
    return Math.round(Math.max(0, ...this.gaps.values(), ...lasting));
  }

  #begin(member: object, unit: string): void {
    this.#workers.get(unit)?.add(member);
    const sinceMs = this.#idleSinceMs.get(unit);
    if (sinceMs === undefined) return;
    this.#idleSinceMs.delete(unit);
    this.gaps.set(unit, Math.max(this.gaps.get(unit) ?? 0, this.#nowMs() - sinceMs));
  }

  #end(member: object, unit: string): void {
    const workers = this.#workers.get(unit);
    if (workers?.delete(member) === true && workers.size === 0) {
      this.#idleSinceMs.set(unit, this.#nowMs());
    }
  }
}
