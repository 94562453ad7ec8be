import type { Append, Log } from "@amc/platform/log/port";
import { HALTS, halt, sliceEnd, WATCHING } from "@amc/platform/log/testing/halts";
import { isRegistryError } from "@amc/platform/registry/errors";
import { RegistryClient } from "@amc/platform/registry/registry-client";
import type { TestRegistry } from "@amc/platform/registry/testing/apicurio";
import {
  type Answering,
  type FaultyRegistry,
  json,
  text,
} from "@amc/platform/registry/testing/faulty-registry";
import { deadLetterTopic } from "@amc/platform/runtime/dead-letter";
import { StageRunner } from "@amc/platform/runtime/stage-runner";
import { recordsOf } from "@amc/replay/log-digests";
import { writeEnvelope } from "@amc/schemas/envelope";

/** No registry has given such ids to anything: Apicurio counts from 1. */
const UNKNOWN_FROM = 2_000_000_000;
/** Longer than a call may take. */
const SLOW_MS = 4_000;
/** How often a partition is tried while the registry is away. */
const TRIES_AWAY = 2;
const SLICES_PER_STRIKE = 3;
/** Halts of a slice are a millisecond apart, slices a second. */
const SLICE_HALTS = 1_000;
/** Calls that it may cost to learn that no schema has an id, and that it is another subject's. */
const CALLS_MAX = { unknown: 3, foreign: 1 };

interface StruckHaltsOptions {
  readonly registry: TestRegistry;
  /** Between us and the registry. */
  readonly proxy: FaultyRegistry;
  readonly pass: Answering;
  /** A log that translates ids, and one that shows what is on the wire. */
  readonly log: Log;
  readonly wire: Log;
}

interface Stranger {
  readonly id: number;
  readonly kind: keyof typeof CALLS_MAX;
  readonly value: Uint8Array;
}

interface FoundHalts {
  /** Letters that should not be there, or are missing. */
  readonly violations: readonly string[];
  /** What was held up without need, and calls too many. */
  readonly exceeded: readonly string[];
}

/** Halts on Kafka with strangers among them, and a stage that takes them through outages of the registry. */
export class StruckHalts {
  /** Halts written so far, and those among them that the registry gave to nothing of the topic. */
  written = 0;
  readonly strangers: Stranger[] = [];
  readonly #options: StruckHaltsOptions;

  constructor(options: StruckHaltsOptions) {
    this.#options = options;
  }

  get outages(): ReadonlyMap<string, Answering> {
    const { pass } = this.#options;
    return new Map<string, Answering>([
      ["cut off", (request) => void request.socket.destroy()],
      ["500", json(500, { error_code: 50001, message: "broken" })],
      ["404 of another server", text(404, "<html>not here</html>")],
      ["slow", (request, response) => void setTimeout(() => pass(request, response), SLOW_MS)],
    ]);
  }

  /** One outage: a slice of known ids, then one with a stranger; the same stranger after it. */
  async strike(outage: Answering, number: number): Promise<FoundHalts> {
    const { proxy, pass } = this.#options;
    const stranger = await this.#stranger(number);
    const slice = number * SLICES_PER_STRIKE;
    const letters = this.strangers.length;
    const violations: string[] = [];
    const exceeded: string[] = [];
    proxy.answerWith(outage);
    await this.#write(slice + 1, null);
    if ((await this.#run()) !== null) exceeded.push("known ids were held up");
    await this.#write(slice + 2, stranger);
    for (let tries = 0; tries < TRIES_AWAY; tries += 1) {
      const failure = await this.#run();
      if (failure === null) violations.push("away: taken");
      else if (failure !== "registry.unavailable") exceeded.push(`away: ${failure}`);
    }
    if ((await this.#letters()).length > letters) violations.push("dead-lettered while away");
    proxy.answerWith(pass);
    proxy.asked.length = 0;
    const back = await this.#run();
    if (back !== null) exceeded.push(`back: ${back}`);
    const calls = this.#callsAbout(stranger);
    if (calls > CALLS_MAX[stranger.kind]) exceeded.push(`${calls} calls about one id`);
    await this.#write(slice + 3, stranger);
    const again = await this.#run();
    if (again !== null) exceeded.push(`again: ${again}`);
    if (this.#callsAbout(stranger) > calls) exceeded.push("asked again within a minute");
    // What is still held up cannot have its letter.
    if (back === null && again === null) violations.push(...(await this.#examineLetters()));
    return { violations, exceeded };
  }

  /** By turns an id of no schema, and one of another subject. */
  async #stranger(number: number): Promise<Stranger> {
    const kind = number % 2 === 0 ? "unknown" : "foreign";
    const id = kind === "unknown" ? UNKNOWN_FROM + number : await this.#registerOther(number);
    const value = Uint8Array.from(halt(this.written).value ?? []);
    writeEnvelope(value, id);
    return { id, kind, value };
  }

  async #registerOther(number: number): Promise<number> {
    const client = new RegistryClient({ url: this.#options.registry.url });
    const name = `Order${number}`;
    const fields = [{ name: "x", type: "int" }];
    return client.register(`${name}-value`, JSON.stringify({ type: "record", name, fields }));
  }

  /** Two halts, with a stranger between them where there is one, and their tick. */
  async #write(slice: number, stranger: Stranger | null): Promise<void> {
    const { log, wire } = this.#options;
    const first = (slice - 1) * SLICE_HALTS + 1;
    await this.#append(log, halt(first));
    if (stranger !== null) {
      await this.#append(wire, { ...halt(first + 1), value: stranger.value });
      this.strangers.push(stranger);
    }
    await this.#append(log, halt(first + 2));
    await log.commit({ appends: [sliceEnd(this.written, slice)] });
  }

  async #append(log: Log, append: Append): Promise<void> {
    await log.commit({ appends: [append] });
    this.written += 1;
  }

  /** Takes what there is; the code of what held it up, null when nothing did. */
  async #run(): Promise<string | null> {
    const { log } = this.#options;
    try {
      const runner = await StageRunner.open({ log, subtopology: WATCHING, partition: 0 });
      await runner.runUntilIdle();
      return null;
    } catch (error) {
      if (isRegistryError(error)) return error.code;
      throw error;
    }
  }

  #callsAbout({ id }: Stranger): number {
    return this.#options.proxy.asked.filter((line) => line.includes(`/${id}/`)).length;
  }

  async #letters() {
    const letters = [];
    for await (const letter of recordsOf(this.#options.wire, deadLetterTopic(HALTS))) {
      letters.push(letter);
    }
    return letters;
  }

  /** A letter for each stranger with its bytes, and none about anything else; all input taken. */
  async #examineLetters(): Promise<string[]> {
    const { log } = this.#options;
    const expected = this.strangers.map(({ value }) => Buffer.from(value).toString("hex"));
    const found = (await this.#letters()).map(({ value }) =>
      Buffer.from(value ?? []).toString("hex"),
    );
    const violations: string[] = [];
    if (found.join() !== expected.join()) {
      violations.push(`${found.length} letters about ${expected.length} strangers, or other ones`);
    }
    for (const { topic, partition, next } of await log.positions(WATCHING.name, 0)) {
      const end = await log.endOffset(topic, partition);
      if (next !== end) violations.push(`${topic}: taken to ${next} of ${end}`);
    }
    return violations;
  }
}
