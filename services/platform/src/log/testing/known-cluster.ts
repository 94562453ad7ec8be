import { Cluster } from "../kafka/cluster.ts";

/** A cluster of which everything is known beforehand: no broker is asked, and none is there. */
export class KnownCluster extends Cluster {
  readonly #start: number;
  readonly #end: number;

  /** Every partition begins at `start` and ends at `end`, as its leader sees it. */
  constructor({ start = 0, end = 0 }: { readonly start?: number; readonly end?: number } = {}) {
    super({ brokers: ["localhost:1"], clientId: "test" });
    this.#start = start;
    this.#end = end;
  }

  override async topicId(topic: string): Promise<string> {
    return `id of ${topic}`;
  }

  override async startOffset(): Promise<number> {
    return this.#start;
  }

  override async endOffset(): Promise<number> {
    return this.#end;
  }
}
