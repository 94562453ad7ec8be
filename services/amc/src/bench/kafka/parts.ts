import { type ChildProcess, fork } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { BenchError } from "../workload.ts";
import type { PartAnswer, PartJob, PartRequest } from "./part-messages.ts";

const BODY = new URL("./part.ts", import.meta.url);
/** How often parts are asked whether they have taken everything. */
const LOOK_EVERY_MS = 50;

/** A process of a run: stages or projector, as they run in processes of their own. */
export class Part {
  readonly #child: ChildProcess;
  #failure: BenchError | null = null;
  #waiting: { resolve: (answer: PartAnswer) => void; reject: (error: unknown) => void } | null =
    null;

  private constructor(role: string) {
    this.#child = fork(BODY, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.#child.on("message", (answer: PartAnswer) => this.#waiting?.resolve(answer));
    this.#child.once("exit", (exitCode, signal) => {
      const facts = { part: role, exitCode, signal };
      this.#failure = new BenchError("bench.child-failed", `the ${role} process ended`, facts);
      this.#waiting?.reject(this.#failure);
    });
  }

  /** Ready and holding. */
  static async start(job: PartJob): Promise<Part> {
    const part = new Part(job.role);
    await part.#send(job);
    return part;
  }

  ask(request: Exclude<PartRequest, "end">): Promise<PartAnswer> {
    return this.#send(request);
  }

  async end(): Promise<void> {
    if (this.#failure !== null) return;
    await this.#send("end");
    this.#child.disconnect();
  }

  #send(message: PartJob | PartRequest): Promise<PartAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      this.#waiting = { resolve, reject };
      this.#child.send(message);
    });
  }
}

/** Waits until the parts, in the order in which they feed each other, have taken everything. */
export async function untilTaken(parts: readonly Part[]): Promise<readonly PartAnswer[]> {
  for (;;) {
    const answers: PartAnswer[] = [];
    for (const part of parts) answers.push(await part.ask("look"));
    if (answers.every(({ lag }) => lag === 0)) return answers;
    await setTimeout(LOOK_EVERY_MS);
  }
}
