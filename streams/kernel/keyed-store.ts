import { StateWriter } from "./state-bytes.ts";
import { readStored, type StateCodec, storeValue } from "./state-codec.ts";

export interface StoredChange {
  readonly store: string;
  readonly key: string;
  /** null removes the key. */
  readonly value: Uint8Array | null;
}

/** What the runtime needs of a store, whatever it holds. */
export interface Persistent {
  readonly name: string;
  /**
   * Puts a committed value back; does not count as a change. Throws a `StateError` for what another
   * version stored.
   */
  restore(key: string, bytes: Uint8Array): void;
  /**
   * Changes since the last call, in key order so that the same work writes the same bytes. The
   * values are valid until the next call.
   */
  takeChanges(): StoredChange[];
}

/**
 * Keyed state of one stage on one partition. Values live as objects and may be changed in place;
 * whoever changes one calls `touch`, and only touched keys are written with the next commit.
 */
export class KeyedStore<Value> implements Persistent {
  readonly name: string;
  readonly #codec: StateCodec<Value>;
  readonly #values = new Map<string, Value>();
  readonly #touched = new Set<string>();
  readonly #writer = new StateWriter();
  #generation = 0;

  constructor(name: string, codec: StateCodec<Value>) {
    this.name = name;
    this.#codec = codec;
  }

  /** How often changes were taken: who has touched a key in this one need not do it again. */
  get generation(): number {
    return this.#generation;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    this.#values.set(key, value);
    this.#touched.add(key);
  }

  touch(key: string): void {
    this.#touched.add(key);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#touched.add(key);
  }

  keys(): IterableIterator<string> {
    return this.#values.keys();
  }

  entries(): IterableIterator<[string, Value]> {
    return this.#values.entries();
  }

  restore(key: string, bytes: Uint8Array): void {
    this.#values.set(key, readStored({ store: this.name, key }, this.#codec, bytes));
  }

  takeChanges(): StoredChange[] {
    const changes: StoredChange[] = [];
    this.#writer.reset();
    for (const key of [...this.#touched].sort()) {
      changes.push({ store: this.name, key, value: this.#encoded(this.#values.get(key)) });
    }
    this.#touched.clear();
    this.#generation += 1;
    return changes;
  }

  #encoded(value: Value | undefined): Uint8Array | null {
    if (value === undefined) return null;
    storeValue(this.#codec, value, this.#writer);
    return this.#writer.take();
  }
}
