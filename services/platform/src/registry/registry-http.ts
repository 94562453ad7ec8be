import { type IncomingMessage, request as requestInTheClear } from "node:http";
import { request as requestSecurely } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { RegistryError } from "./errors.ts";

export interface RegistryHttpOptions {
  /** With the path of the Confluent API; user and password in it become a header. */
  readonly url: string;
  /** Authorities, in PEM, that the registry is trusted by instead of the system's. */
  readonly ca?: string | undefined;
  /** For one call with its whole answer. */
  readonly deadlineMs?: number;
  /** Calls made before a registry counts as unavailable. */
  readonly tries?: number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** What the registry itself said: its JSON, and its own code where it refuses. */
export type RegistryAnswer =
  | { readonly ok: true; readonly json: unknown }
  | { readonly ok: false; readonly errorCode: number; readonly message: string };

const CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
const DEADLINE_MS = 5_000;
const TRIES = 3;
/** Doubled with each try. Without jitter: a process calls one at a time, and tests know the waits. */
const BACKOFF_FIRST_MS = 200;
/** A schema of ours has 20 kB at most; a whole subject list fits as well. */
const ANSWER_BYTES_MAX = 1024 * 1024;
const MESSAGE_CHARACTERS_MAX = 500;

/** Calls of one registry, each with a deadline, a cap on its answer and a bounded number of tries. */
export class RegistryHttp {
  readonly #base: string;
  readonly #ca: string | undefined;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #deadlineMs: number;
  readonly #tries: number;
  readonly #sleep: (ms: number) => Promise<unknown>;

  constructor(options: RegistryHttpOptions) {
    const url = new URL(options.url);
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    this.#headers = {
      accept: `${CONTENT_TYPE}, application/json`,
      "content-type": CONTENT_TYPE,
      ...(login === ":" ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` }),
    };
    url.username = "";
    url.password = "";
    this.#base = url.href.replace(/\/+$/, "");
    this.#ca = options.ca;
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS;
    this.#tries = options.tries ?? TRIES;
    this.#sleep = options.sleep ?? sleep;
  }

  /**
   * What the registry says. Throws `registry.unavailable` after the last try and `registry.refused`
   * where it asks who we are. All calls may be repeated: registering the same schema again gives
   * the same id.
   */
  async call(method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<RegistryAnswer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#callOnce(method, path, body);
      } catch (error) {
        const isLast = tries >= this.#tries;
        if (isLast || !(error instanceof RegistryError) || error.code !== "registry.unavailable") {
          throw error;
        }
        await this.#sleep(BACKOFF_FIRST_MS * 2 ** (tries - 1));
      }
    }
  }

  async #callOnce(method: string, path: string, body?: object): Promise<RegistryAnswer> {
    const facts = { method, path };
    let status: number;
    let text: string;
    try {
      // Not fetch: it takes no authorities of ours.
      const response = await this.#send(method, path, body);
      status = response.statusCode ?? 0;
      text = await readCapped(response);
    } catch (error) {
      throw unavailable({ ...facts, reason: reasonOf(error) });
    }
    return answerOf(status, text, facts);
  }

  async #send(method: string, path: string, body?: object): Promise<IncomingMessage> {
    const url = new URL(`${this.#base}${path}`);
    const options = {
      method,
      headers: this.#headers,
      signal: AbortSignal.timeout(this.#deadlineMs),
    };
    const sent =
      url.protocol === "https:"
        ? requestSecurely(url, { ...options, ca: this.#ca })
        : requestInTheClear(url, options);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    sent.once("response", resolve);
    // It may fail a second time while the answer is read, which then fails as well.
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    return await promise;
  }
}

type CallFacts = { readonly method: string; readonly path: string };

/**
 * An outage must never look like an answer: a proxy's page or a wrong path says nothing about a
 * schema, whatever its status. The registry's own refusals are JSON with a code of its own.
 */
function answerOf(status: number, text: string, facts: CallFacts): RegistryAnswer {
  if (status === 401 || status === 403) {
    const message = `the registry does not let us ${facts.method} ${facts.path}`;
    throw new RegistryError("registry.refused", message, { ...facts, status });
  }
  const json = parse(text);
  if (status === 200 && json !== undefined) return { ok: true, json };
  const isTemporary = status >= 500 || status === 408 || status === 429;
  const refusal = isTemporary ? null : refusalOf(json);
  if (refusal === null) throw unavailable({ ...facts, status, reason: "no-registry-answer" });
  return { ok: false, ...refusal };
}

function refusalOf(json: unknown): { errorCode: number; message: string } | null {
  if (typeof json !== "object" || json === null || !("error_code" in json)) return null;
  const { error_code: errorCode } = json;
  // 0 is what a server behind the path says of paths that it does not know.
  if (typeof errorCode !== "number" || errorCode < 400) return null;
  const message = "message" in json ? String(json.message) : "";
  return { errorCode, message: message.slice(0, MESSAGE_CHARACTERS_MAX) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

class AnswerTooLarge extends Error {}

async function readCapped(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  const chunks: AsyncIterable<Buffer> = response;
  for await (const part of chunks) {
    bytes += part.length;
    // Leaving the loop ends the connection: the rest is not read.
    if (bytes > ANSWER_BYTES_MAX) throw new AnswerTooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function reasonOf(error: unknown): string {
  if (error instanceof AnswerTooLarge) return "answer-too-large";
  if (!(error instanceof Error)) return "unknown";
  if (error.name === "AbortError") return "timeout";
  return "code" in error ? String(error.code) : "connection-lost";
}

function unavailable(facts: CallFacts & { reason: string; status?: number }): RegistryError {
  const message = `the schema registry does not answer ${facts.method} ${facts.path} (${facts.reason})`;
  return new RegistryError("registry.unavailable", message, facts);
}
