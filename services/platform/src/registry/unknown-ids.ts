import { setTimeout as sleep } from "node:timers/promises";
import type { TopicName } from "@amc/schemas/topics";
import { RegistryError } from "./errors.ts";
import type { RegistryClient } from "./registry-client.ts";
import { subjectOf } from "./releases.ts";
import { Turns } from "./turns.ts";

export interface UnknownIdsOptions {
  readonly client: Pick<RegistryClient, "versionsOf">;
  /** Ms that only grow. */
  readonly nowMs: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** A registry gives out positive ids of 31 bits; what is none needs no question. */
const ID_MAX = 2 ** 31 - 1;
/**
 * Waits between the tries for an id that the registry does not know: a follower may lag behind the
 * registry at which the writer has just registered it.
 */
const WAITS_MS: readonly number[] = [1_000, 5_000];
/** How long a verdict holds, so that a flood of one bad id costs one call a minute. */
const VERDICT_MS = 60_000;
const VERDICTS_MAX = 1_000;
/** Calls at once, however many ids wait for an answer. */
const CALLS_MAX = 8;

interface Verdict {
  readonly failure: RegistryError;
  readonly untilMs: number;
}

/** Judges schema ids that are none of this build's releases. */
export class UnknownIds {
  readonly #client: Pick<RegistryClient, "versionsOf">;
  readonly #nowMs: () => number;
  readonly #sleep: (ms: number) => Promise<unknown>;
  /** In the order in which they were given. */
  readonly #verdicts = new Map<string, Verdict>();
  readonly #asked = new Map<string, Promise<RegistryError>>();
  readonly #turns = new Turns(CALLS_MAX);

  constructor({ client, nowMs, sleep: wait = sleep }: UnknownIdsOptions) {
    this.#client = client;
    this.#nowMs = nowMs;
    this.#sleep = wait;
  }

  /**
   * Why a record with this id cannot be read: `registry.unknown-schema` and `registry.foreign-schema`
   * dead-letter it, `registry.newer-schema` ends the process. Throws `registry.unavailable`, and
   * then nothing is known: the partition waits. Asked at once for the same id, it calls once; asked at
   * once for many, it waits for all of them together.
   */
  async judge(topic: TopicName, id: number): Promise<RegistryError> {
    const key = `${topic} ${id}`;
    const verdict = this.#verdicts.get(key);
    if (verdict !== undefined && verdict.untilMs > this.#nowMs()) return verdict.failure;
    const asked = this.#asked.get(key);
    if (asked !== undefined) return await asked;
    const asking = this.#ask(topic, id);
    this.#asked.set(key, asking);
    try {
      const failure = await asking;
      this.#keep(key, failure);
      return failure;
    } finally {
      this.#asked.delete(key);
    }
  }

  async #ask(topic: TopicName, id: number): Promise<RegistryError> {
    const subject = subjectOf(topic);
    if (id < 1 || id > ID_MAX) return unknown(subject, id);
    for (let tries = 0; ; tries += 1) {
      const versions = await this.#turns.take(() => this.#client.versionsOf(id));
      if (versions !== null) {
        const ours = versions.find((row) => row.subject === subject);
        return ours === undefined ? foreign(subject, id) : newer(subject, id, ours.version);
      }
      const waitMs = WAITS_MS[tries];
      if (waitMs === undefined) return unknown(subject, id);
      await this.#sleep(waitMs);
    }
  }

  #keep(key: string, failure: RegistryError): void {
    this.#verdicts.delete(key);
    this.#verdicts.set(key, { failure, untilMs: this.#nowMs() + VERDICT_MS });
    for (const oldest of this.#verdicts.keys()) {
      if (this.#verdicts.size <= VERDICTS_MAX) return;
      this.#verdicts.delete(oldest);
    }
  }
}

function unknown(subject: string, id: number): RegistryError {
  const message = `the registry has no schema ${id}`;
  return new RegistryError("registry.unknown-schema", message, { subject, id });
}

function foreign(subject: string, id: number): RegistryError {
  const message = `schema ${id} is not registered for ${subject}`;
  return new RegistryError("registry.foreign-schema", message, { subject, id });
}

function newer(subject: string, id: number, version: number): RegistryError {
  const message = `schema ${id} is version ${version} of ${subject}, which this build does not know: deploy the newer one`;
  return new RegistryError("registry.newer-schema", message, { subject, id, version });
}
