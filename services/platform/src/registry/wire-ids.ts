import { ENVELOPE_BYTES, schemaIdOf, writeEnvelope } from "@amc/schemas/envelope";
import { RegistryError } from "./errors.ts";

/** One released schema: its committed id and the one that the registry gave it. */
export interface IdPair {
  readonly local: number;
  readonly registry: number;
}

/**
 * Schema ids on the wire against those inside (`design.md` §4: the id is transport). The registry's
 * ids of our releases stand for our committed ones. So that nothing is lost on a round trip, and no
 * foreign id is ever taken for one of ours, the map is a permutation of all ids: a wire id that
 * happens to be the number of a committed id is exchanged for a number that is none; every other id
 * stands for itself. A dead letter thus leaves with the bytes that came.
 */
export class WireIds {
  readonly #toLocal: ReadonlyMap<number, number>;
  readonly #toWire: ReadonlyMap<number, number>;
  readonly #known: ReadonlySet<number>;

  /** Throws `registry.inconsistent` when two releases share an id. */
  constructor(pairs: readonly IdPair[]) {
    const locals = new Set(pairs.map(({ local }) => local));
    const registered = new Set(pairs.map(({ registry }) => registry));
    if (locals.size !== pairs.length || registered.size !== pairs.length) {
      const message = "two released schemas have the same id";
      throw new RegistryError("registry.inconsistent", message, { releases: pairs.length });
    }
    // As many committed ids are no wire id of ours as wire ids of ours are no committed id.
    const strays = [...locals].filter((id) => !registered.has(id)).sort(ascending);
    const free = [...registered].filter((id) => !locals.has(id)).sort(ascending);
    const exchanged = strays.map((wire, at): [number, number] => [wire, free[at] ?? wire]);
    const translated = pairs.map(({ registry, local }): [number, number] => [registry, local]);
    this.#toLocal = new Map([...translated, ...exchanged]);
    this.#toWire = new Map([...this.#toLocal].map(([wire, local]) => [local, wire]));
    this.#known = registered;
  }

  /** Whether an id on the wire is that of a release of this build. */
  isKnown(wireId: number): boolean {
    return this.#known.has(wireId);
  }

  /** Rewrites the envelope of a message that was read; bytes without one stay as they are. */
  toLocal(bytes: Uint8Array): void {
    rewrite(bytes, this.#toLocal);
  }

  /** Rewrites the envelope of a message about to be sent. The buffer must be the caller's own. */
  toWire(bytes: Uint8Array): void {
    rewrite(bytes, this.#toWire);
  }
}

function rewrite(bytes: Uint8Array, ids: ReadonlyMap<number, number>): void {
  const id = schemaIdOf(bytes);
  const other = id === null ? undefined : ids.get(id);
  if (other !== undefined) writeEnvelope(bytes.subarray(0, ENVELOPE_BYTES), other);
}

function ascending(a: number, b: number): number {
  return a - b;
}
