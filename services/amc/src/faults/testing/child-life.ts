import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** A process that was started to be struck: it says words on stdout, one a line. */
export class ChildLife {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #waiting: { readonly word: string; readonly resolve: () => void }[] = [];
  #counts = new Map<string, number>();

  /**
   * Starts `program` of this folder; it finds `input` as JSON in its first argument. `onWord` is told
   * every word as it is said.
   */
  constructor(program: string, input: object, onWord: (word: string) => void = () => undefined) {
    const path = fileURLToPath(new URL(`./${program}`, import.meta.url));
    this.#child = spawn(process.execPath, [path, JSON.stringify(input)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#exited = once(this.#child, "exit");
    let rest = "";
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        this.#hear(line);
        onWord(line);
      }
    });
  }

  /** Resolves when the word was said once more, or the process has ended. */
  async next(word: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ word, resolve });
    await Promise.race([promise, this.#exited]);
  }

  /** Whether it says the word once more, or ends, within so many ms; one that does neither is killed. */
  async goesOn(word: string, withinMs: number): Promise<boolean> {
    const before = this.times(word);
    await Promise.race([this.next(word), wait(withinMs, null, { ref: false })]);
    if (this.isOver || this.times(word) > before) return true;
    this.signal("SIGKILL");
    await this.#exited;
    return false;
  }

  /** Resolves after so many ms, or when the process has ended before. */
  async within(ms: number): Promise<void> {
    await Promise.race([wait(ms), this.#exited]);
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  times(word: string): number {
    return this.#counts.get(word) ?? 0;
  }

  signal(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT" | "SIGTERM" | "SIGUSR2"): void {
    this.#child.kill(signal);
  }

  /** Its exit code; null when a signal ended it. */
  async ended(): Promise<number | null> {
    await this.#exited;
    return this.#child.exitCode;
  }

  /** Resolves when it has done its work; throws when it ended otherwise: what it left tells nothing then. */
  async finished(): Promise<void> {
    const code = await this.ended();
    if (code !== 0) throw new Error(`it ended with ${code ?? this.#child.signalCode}`);
  }

  #hear(word: string): void {
    this.#counts.set(word, this.times(word) + 1);
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.word === word) waiting.resolve();
      else this.#waiting.push(waiting);
    }
  }
}
