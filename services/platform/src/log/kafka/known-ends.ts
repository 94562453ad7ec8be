import { topicReplaced } from "./topic-replaced.ts";
import { placeId } from "./unit.ts";

interface Place {
  /** As the brokers know it. */
  readonly topic: string;
  readonly partition: number;
}

/** How far partitions reach, as far as the writers of this process know. */
export class KnownEnds {
  readonly #ends = new Map<string, number>();
  /** Of each writer, one past its own last record. */
  readonly #ownEnds = new Map<string, number>();

  /** One past the last record that is known to be there; undefined while none is. */
  of(place: Place): number | undefined {
    return this.#ends.get(placeId(place));
  }

  /**
   * Takes note of a record that `writer` was given an offset for. The offsets of one writer only grow;
   * those of several that write side by side become known in any order. Throws `log.topic-replaced`
   * when the offsets of a writer go back.
   */
  note(writer: string, place: Place, offset: number): void {
    const id = placeId(place);
    const ownId = `${writer}\u0000${id}`;
    const end = offset + 1;
    const readTo = this.#ownEnds.get(ownId) ?? 0;
    if (end <= readTo) throw topicReplaced(place.topic, { readTo, end });
    this.#ownEnds.set(ownId, end);
    this.#ends.set(id, Math.max(end, this.#ends.get(id) ?? 0));
  }
}
