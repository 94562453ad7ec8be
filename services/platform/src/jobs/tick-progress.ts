import type { Position } from "../log/port.ts";

/** What lies where in the topic of ticks. */
export interface TickPlace {
  readonly partition: number;
  readonly offset: number;
}

/**
 * How far the ticks were read, and how far all of them are over: runs end in another order than they were
 * asked for, and a position must not pass one that goes on.
 */
export class TickProgress {
  readonly #topic: string;
  /** Next offset to read, by partition. */
  readonly #read: number[];
  /** Offsets that were read and are not over, by partition. */
  readonly #open: readonly Set<number>[];

  constructor(topic: string, next: readonly number[]) {
    this.#topic = topic;
    this.#read = [...next];
    this.#open = next.map(() => new Set());
  }

  /** Where reading goes on, for every partition. */
  reading(): readonly Position[] {
    return this.#read.map((next, partition) => this.#position(partition, next));
  }

  /** Up to where everything is over, for every partition. */
  over(): readonly Position[] {
    return this.#read.map((next, partition) => {
      const open = this.#open[partition] ?? new Set();
      return this.#position(partition, Math.min(next, ...open));
    });
  }

  opened({ partition, offset }: TickPlace): void {
    this.#open[partition]?.add(offset);
  }

  closed({ partition, offset }: TickPlace): void {
    this.#open[partition]?.delete(offset);
  }

  readUpTo(partition: number, next: number): void {
    this.#read[partition] = next;
  }

  #position(partition: number, next: number): Position {
    return { topic: this.#topic, partition, next };
  }
}
