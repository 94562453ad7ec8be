import type { ReadModel, TablesState } from "../read-model/port.ts";

/**
 * The state of the tables for every request, asked once for all that arrived since it was asked
 * last. A request gets the answer to a question that was put after it came, so that no answer is
 * older than its request, however many wait.
 */
export class NewestTables {
  readonly #readModel: ReadModel;
  #asked: Promise<TablesState> | null = null;
  #next: Promise<TablesState> | null = null;

  constructor(readModel: ReadModel) {
    this.#readModel = readModel;
  }

  /** Fails as the database fails. */
  read(): Promise<TablesState> {
    if (this.#asked === null) return this.#ask();
    this.#next ??= this.#asked.then(
      () => this.#ask(),
      () => this.#ask(),
    );
    return this.#next;
  }

  #ask(): Promise<TablesState> {
    this.#next = null;
    const asked = this.#readModel.state();
    this.#asked = asked;
    const answered = (): void => {
      if (this.#asked === asked) this.#asked = null;
    };
    asked.then(answered, answered);
    return asked;
  }
}
