import type { ReadModel, TablesState } from "../read-model/port.ts";
import { SharedQuestion } from "./shared-question.ts";

/** The state of the tables for every request: many that come together ask the database once. */
export class NewestTables {
  readonly #state: SharedQuestion<TablesState>;

  constructor(readModel: ReadModel) {
    this.#state = new SharedQuestion(() => readModel.state());
  }

  /** Fails as the database fails. */
  read(): Promise<TablesState> {
    return this.#state.answer();
  }
}
