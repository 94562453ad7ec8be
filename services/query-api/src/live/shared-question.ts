/**
 * One question for everybody who wants to know, asked once for all that came since it was asked last.
 * Whoever comes gets the answer to a question that was put afterwards, so that no answer is older than
 * its request; however many wait, no two are asked at a time.
 */
export class SharedQuestion<Answer> {
  readonly #put: () => Promise<Answer>;
  #asked: Promise<Answer> | null = null;
  #next: Promise<Answer> | null = null;

  constructor(put: () => Promise<Answer>) {
    this.#put = put;
  }

  /** Fails as the question does. */
  answer(): Promise<Answer> {
    if (this.#asked === null) return this.#ask();
    this.#next ??= this.#asked.then(
      () => this.#ask(),
      () => this.#ask(),
    );
    return this.#next;
  }

  #ask(): Promise<Answer> {
    this.#next = null;
    const asked = this.#put();
    this.#asked = asked;
    const answered = (): void => {
      if (this.#asked === asked) this.#asked = null;
    };
    asked.then(answered, answered);
    return asked;
  }
}
