import { isIP } from "node:net";
import { Redis } from "ioredis";
import { CacheError } from "./port.ts";
import type { RedisAddress } from "./redis-url.ts";

/** Facts first, then what happened; never the URL, which holds the password. */
export interface CacheLogger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface RedisConnectionOptions {
  readonly address: RedisAddress;
  readonly database: number;
  readonly logger: CacheLogger;
  /** What a caller waits at most for one command. */
  readonly deadlineMs?: number;
  /** How often an idle connection is asked whether it still is one (R-RDS-12). */
  readonly healthCheckMs?: number;
  readonly reconnectMaxMs?: number;
  readonly random?: () => number;
}

/** A read that takes longer is slower than the tables it should save (reliability D22). */
const DEADLINE_MS = 100;
const HEALTH_CHECK_MS = 30_000;
const CONNECT_TIMEOUT_MS = 1_000;
const RECONNECT_FIRST_MS = 50;
const RECONNECT_MAX_MS = 5_000;
/** Silences in a row after which the connection counts as dead; TCP alone would take minutes. */
const SILENCES_MAX = 3;
/** More commands than this unanswered means that answers do not come; memory is bounded by it. */
const IN_FLIGHT_MAX = 1_000;

/** Sends one command and throws `cache.unavailable` with the reason unless it is answered in time. */
export type RunCommand = <Reply>(
  key: string,
  send: (client: Redis) => Promise<Reply>,
) => Promise<Reply>;

/** `isNew`: the server may be another one than before, or have lost what it was told. */
export type Prepare = (run: RunCommand, isNew: boolean) => Promise<Service>;

/** What a server is good for. */
export type Service = "writable" | "read-only";

/**
 * One connection that never makes anybody wait: a command is sent only while the server is known to
 * serve, is answered within the deadline or fails, and is never queued or sent again. Whatever
 * happens, it goes on connecting in the background.
 */
export class RedisConnection {
  /** Resolves when the first attempt to connect has ended, either way. */
  readonly tried: Promise<void>;
  readonly #options: RedisConnectionOptions;
  readonly #client: Redis;
  readonly #prepare: Prepare;
  readonly #healthCheck: NodeJS.Timeout;
  readonly #firstTry = Promise.withResolvers<void>();
  /** Counts connections: what an earlier one still answers is not about this one. */
  #generation = 0;
  #state: "preparing" | "serving" | "away" | "closed" = "away";
  #isAwayLogged = false;
  #inFlight = 0;
  #silences = 0;
  /** Connections in a row that answered nothing that was asked of them. */
  #vain = 0;
  #reason = "not-connected";

  /**
   * `prepare` is called on each new connection before anybody else may use it, and at each health
   * check; if it throws, the connection is given up.
   */
  constructor(options: RedisConnectionOptions, prepare: Prepare) {
    this.#options = options;
    this.#prepare = prepare;
    this.tried = this.#firstTry.promise;
    this.#client = this.#createClient();
    this.#client.on("ready", () => void this.#begin());
    this.#client.on("error", (error) => {
      this.#reason = reasonOf(error);
      // Replies and commands no longer belong together: the next one would get another's answer.
      if (error.message.startsWith(UNASKED_REPLY)) this.#renew("garbage");
    });
    this.#client.on("close", () => this.#lost());
    const every = options.healthCheckMs ?? HEALTH_CHECK_MS;
    this.#healthCheck = setInterval(() => void this.#checkHealth(), every).unref();
  }

  /** Throws `cache.unavailable` with the reason; `send` is not called while the server does not serve. */
  async run<Reply>(key: string, send: (client: Redis) => Promise<Reply>): Promise<Reply> {
    if (this.#state !== "serving") {
      throw unavailable(key, this.#state === "closed" ? "closed" : this.#reason);
    }
    if (this.#inFlight >= IN_FLIGHT_MAX) throw unavailable(key, "too-many-commands");
    return await this.#send(key, send);
  }

  get isServing(): boolean {
    return this.#state === "serving";
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    clearInterval(this.#healthCheck);
    this.#client.disconnect();
    this.#firstTry.resolve();
  }

  #createClient(): Redis {
    const { address, database, deadlineMs = DEADLINE_MS } = this.#options;
    const { host, port, username, password, tls, ca } = address;
    return new Redis({
      host,
      port,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      // A name is asked for by name; an address cannot be.
      ...(tls ? { tls: { ca, ...(isIP(host) === 0 && { servername: host }) } } : {}),
      db: database,
      connectionName: "amc",
      // RESP2: nothing here needs more, and the login then is one plain command.
      protocol: 2,
      disableClientInfo: true,
      commandTimeout: deadlineMs,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // A peer that is silent does not close its side either: do not wait for it.
      disconnectTimeout: deadlineMs,
      // Commands fail at once without a connection, and those in hand fail with it.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      // `#begin` asks more than the driver would, and waits for no reply longer than for others.
      enableReadyCheck: false,
      retryStrategy: () => this.#nextDelayMs(),
    });
  }

  #nextDelayMs(): number {
    const { reconnectMaxMs = RECONNECT_MAX_MS, random = Math.random } = this.#options;
    const cap = Math.min(reconnectMaxMs, RECONNECT_FIRST_MS * 2 ** Math.min(this.#vain, 20));
    this.#vain += 1;
    return Math.ceil(cap * (1 - random() / 2));
  }

  /**
   * A connection serves once the server has chosen our database and answers. The driver asks for the
   * database too, but would go on in database 0 after a refusal.
   */
  async #begin(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#state = "preparing";
    this.#silences = 0;
    const isCurrent = () => this.#generation === generation && this.#state === "preparing";
    try {
      await this.#expectOk("SELECT", (client) => client.select(this.#options.database), "OK");
      await this.#expectOk("PING", (client) => client.ping(), "PONG");
      await this.#prepare((key, send) => this.#send(key, send), true);
    } catch (error) {
      if (isCurrent()) this.#renew(reasonOf(error));
      return;
    }
    if (!isCurrent()) return;
    this.#state = "serving";
    this.#firstTry.resolve();
    if (this.#isAwayLogged) this.#options.logger.info(this.#place(), "the cache answers again");
    this.#isAwayLogged = false;
  }

  async #expectOk(
    name: string,
    send: (client: Redis) => Promise<unknown>,
    expected: string,
  ): Promise<void> {
    const reply = await this.#send(name, send);
    if (reply !== expected) throw unavailable(name, "garbage");
  }

  async #send<Reply>(key: string, send: (client: Redis) => Promise<Reply>): Promise<Reply> {
    const generation = this.#generation;
    this.#inFlight += 1;
    try {
      const reply = await send(this.#client);
      this.#answered(generation);
      return reply;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === TIMEOUT) this.#wasSilent(generation);
      else if (isAnswer(error)) this.#answered(generation);
      throw unavailable(key, reason);
    } finally {
      this.#inFlight -= 1;
    }
  }

  #answered(generation: number): void {
    if (generation !== this.#generation) return;
    this.#silences = 0;
    if (this.#state === "serving") this.#vain = 0;
  }

  #wasSilent(generation: number): void {
    if (generation !== this.#generation) return;
    this.#silences += 1;
    if (this.#silences >= SILENCES_MAX && this.#state === "serving") this.#renew(TIMEOUT);
  }

  async #checkHealth(): Promise<void> {
    if (this.#state !== "serving") return;
    const generation = this.#generation;
    const isCurrent = () => this.#generation === generation && this.#state === "serving";
    try {
      await this.#expectOk("PING", (client) => client.ping(), "PONG");
      const service = await this.#prepare((key, send) => this.#send(key, send), false);
      // The name may by now lead to the server that took over from this one.
      if (service === "read-only" && isCurrent()) this.#renew("READONLY");
    } catch (error) {
      if (isCurrent()) this.#renew(reasonOf(error));
    }
  }

  /** Gives the connection up for a new one, which may reach another server. */
  #renew(reason: string): void {
    this.#reason = reason;
    this.#lost();
    this.#client.disconnect(true);
  }

  #lost(): void {
    if (this.#state === "closed") return;
    this.#state = "away";
    this.#firstTry.resolve();
    if (this.#isAwayLogged) return;
    this.#isAwayLogged = true;
    const facts = { ...this.#place(), reason: this.#reason };
    this.#options.logger.warn(facts, "the cache does not answer; everything works without it");
  }

  #place(): object {
    const { address, database } = this.#options;
    return { host: address.host, port: address.port, database };
  }
}

const TIMEOUT = "timeout";

/** How the driver tells of a reply to no command; it has no code, a test provokes it. */
const UNASKED_REPLY = "Command queue state error";

/**
 * The driver's own error is not passed on, not even as cause: it carries the arguments of the
 * command, which are a whole value or the password.
 */
function unavailable(key: string, reason: string): CacheError {
  return new CacheError("cache.unavailable", `the cache does not answer (${reason})`, {
    key,
    reason,
  });
}

/** An answer that says no, as opposed to no answer. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}

/** One word: Redis' own such as READONLY, a code of the socket, or what came instead of an answer. */
function reasonOf(error: unknown): string {
  if (error instanceof CacheError) return String(error.facts.reason);
  if (!(error instanceof Error)) return "unknown";
  if (error.name === "ParserError") return "garbage";
  if (isAnswer(error)) return /^[A-Z]+\b/.exec(error.message)?.[0] ?? "refused";
  // The driver gives a missed deadline no code; a test provokes it.
  if (error.message === "Command timed out") return TIMEOUT;
  if ("code" in error && typeof error.code === "string") return error.code;
  return "connection-lost";
}
