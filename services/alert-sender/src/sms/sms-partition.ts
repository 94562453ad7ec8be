import { isProviderError, type ProviderError } from "@amc/platform/http/provider-error";
import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import type { Append, Log, Position } from "@amc/platform/log/port";
import type { Telemetry } from "@amc/platform/telemetry";
import type { Delivery } from "@amc/schemas/generated/events";
import { spanIdOf } from "@amc/schemas/trace-context";
import type { WorkGroupName } from "@amc/schemas/work-groups";
import { deliveryEvent, PART } from "../delivery-event.ts";
import {
  type Asked,
  type PartitionOptions,
  REQUESTS,
  RequestPartition,
} from "../request-partition.ts";
import { messageText, shortCode } from "./message-text.ts";
import {
  keyOf,
  newOutbox,
  newSeenAlerts,
  type Outbox,
  type SeenAlerts,
  type Waiting,
} from "./outbox.ts";
import { failureCode, outcomeOf, waitAfter } from "./outcome.ts";
import type { Recipient } from "./recipients.ts";
import type { TakenMessage, TextMessages } from "./text-messages.ts";

/** Group of consumers; a unit per partition of the requests. */
export const SMS_GROUP = "alert-sender-sms" satisfies WorkGroupName;

/** A message goes out so soon after its intent was committed, or not by that intent. */
const SEND_WITHIN_MS = 20_000;
/** An intent of somebody who is gone is asked about when nothing of it can be under way any more. */
const ASK_AFTER_MS = 30_000;
/** Whoever cannot learn what became of a message asks for so long beyond the time to send it. */
const ASK_ON_MS = 3_600_000;
/** Copies of a request come from a writer that is started again, or of a redrive by a person. */
const REMEMBERED_MS = 7 * 86_400_000;

export interface SmsOptions {
  readonly log: Log;
  readonly messages: TextMessages;
  readonly recipients: readonly Recipient[];
  /** Nobody gets an alert that is older. */
  readonly maxAgeMs: number;
  readonly clock: WaitingClock;
  /** Told of what was committed. */
  readonly telemetry?: Pick<Telemetry, "written">;
  /** Told of every attempt that ended, with the number masked. */
  readonly onEnded?: (ended: EndedAttempt) => void;
}

/** As log lines have it. */
export interface EndedAttempt {
  readonly alertId: string;
  /** Masked; null for a number that is not configured any more. */
  readonly to: string | null;
  readonly status: Delivery["status"];
  readonly attempt: number;
  readonly error: string | null;
  readonly reference: string | null;
  /** Whether it was too late already as it was asked for. */
  readonly wasOld: boolean;
}

type End = Pick<EndedAttempt, "status" | "error"> & { readonly reference?: string | null };

/** What an alert was as its turn came. */
interface AsTaken {
  readonly simulated: boolean;
  readonly wasOld: boolean;
}

/** Neither is taken into the outbox. */
const WAITED: AsTaken = { simulated: false, wasOld: false };

/** What is to be written of an attempt, or the dead letter of what was no request. */
interface Ended {
  readonly append: Append;
  /** The alert; null for a dead letter. */
  readonly parent: string | null;
  readonly told?: EndedAttempt;
}

/** When a message is tried or asked about next, UTC ms. */
interface Due {
  readonly atMs: number;
  readonly failures: number;
}

interface Stores {
  readonly outbox: Outbox;
  readonly seen: SeenAlerts;
}

/**
 * The text messages of one partition of requests. A request is taken into the outbox together with the
 * position, a message for each recipient, and each of them is settled for itself. Before one is sent, that it
 * will be is committed; whoever finds such an intent asks for the message before it sends another.
 */
export class SmsPartition {
  readonly #options: SmsOptions;
  readonly #recipients: ReadonlyMap<string, Recipient>;
  readonly #requests: RequestPartition;
  readonly #outbox: Outbox;
  readonly #seen: SeenAlerts;
  readonly #due = new Map<string, Due>();

  private constructor(options: SmsOptions, requests: RequestPartition, stores: Stores) {
    this.#options = options;
    this.#recipients = new Map(options.recipients.map((each) => [each.hash, each]));
    this.#requests = requests;
    this.#outbox = stores.outbox;
    this.#seen = stores.seen;
    const nowMs = options.clock.nowMs();
    for (const [key, { intentAt }] of stores.outbox.entries()) {
      if (intentAt === null) continue;
      // The clock of whoever wrote it may be ahead of ours.
      this.#due.set(key, { atMs: Math.min(intentAt, nowMs) + ASK_AFTER_MS, failures: 0 });
    }
  }

  /** Takes a partition over. A group that was never here begins where an alert is still worth a message. */
  static async open(
    options: SmsOptions,
    partition: number,
    signal?: AbortSignal,
  ): Promise<SmsPartition> {
    const { log, clock, maxAgeMs } = options;
    const stores = { outbox: newOutbox(), seen: newSeenAlerts() };
    const asked: PartitionOptions = {
      ...{ log, group: SMS_GROUP, partition, stores: [stores.outbox, stores.seen] },
      begin: () => log.offsetAtTime(REQUESTS, partition, clock.nowMs() - maxAgeMs),
    };
    const requests = await RequestPartition.open(asked, signal);
    return new SmsPartition(options, requests, stores);
  }

  get position(): Position {
    return this.#requests.position;
  }

  /** When the next message is due, UTC ms; null when none waits. */
  get nextDueMs(): number | null {
    let next: number | null = null;
    for (const key of this.#outbox.keys()) {
      next = Math.min(next ?? Number.POSITIVE_INFINITY, this.#due.get(key)?.atMs ?? 0);
    }
    return next;
  }

  /** When the oldest message that waits was taken up, UTC ms; null when none waits. */
  get oldestMs(): number | null {
    let oldest: number | null = null;
    for (const [, { receivedAt }] of this.#outbox.entries()) {
      oldest = Math.min(oldest ?? receivedAt, receivedAt);
    }
    return oldest;
  }

  /** Takes what is requested into the outbox; what no phone is to get ends here. */
  async takeRequests(): Promise<void> {
    for (let batch = await this.#requests.read(); batch !== null; ) {
      const nowMs = this.#options.clock.nowMs();
      this.#forget(nowMs);
      const ended = batch.asked.flatMap((each) => this.#take(each, nowMs));
      await this.#commit(ended, batch.next);
      batch = await this.#requests.read();
    }
  }

  /** Tries every message that is due once. */
  async deliverDue(signal: AbortSignal): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    for (const [key, waiting] of [...this.#outbox.entries()]) {
      if (signal.aborted) break;
      if ((this.#due.get(key)?.atMs ?? 0) <= nowMs) await this.#deliver(waiting, signal);
    }
  }

  #take(each: Asked, nowMs: number): Ended[] {
    if (!each.readable) return [{ append: each.letter, parent: null }];
    const { id, alert, origin, requestedMs } = each;
    if (this.#seen.get(id) !== undefined) return [];
    this.#seen.set(id, nowMs + REMEMBERED_MS);
    return this.#options.recipients.flatMap(({ hash: recipient }) => {
      const waiting: Waiting = {
        ...{ alertId: id, recipient, symbol: alert.symbol, text: messageText(id, alert) },
        ...{ requestedAt: alert.happenedAt, receivedAt: nowMs, attempt: 0, intentAt: null },
        ...{ traceparent: origin.traceparent, runId: origin.runId ?? null },
      };
      const error = alert.simulated ? "alert.simulated" : this.#isTooLate(waiting);
      if (error !== null) {
        // What came in time and is too late now has waited for us: that is no recording's fault.
        const wasOld = requestedMs - alert.happenedAt > this.#options.maxAgeMs;
        return [
          this.#ended(waiting, { status: "FAILED", error }, { simulated: alert.simulated, wasOld }),
        ];
      }
      this.#outbox.set(keyOf(waiting), waiting);
      return [];
    });
  }

  #forget(nowMs: number): void {
    for (const [id, untilMs] of [...this.#seen.entries()]) {
      if (untilMs < nowMs) this.#seen.delete(id);
    }
  }

  async #deliver(waiting: Waiting, signal: AbortSignal): Promise<void> {
    const recipient = this.#recipients.get(waiting.recipient);
    if (recipient === undefined) {
      await this.#settle(waiting, { status: "FAILED", error: "alert.recipient-removed" });
      return;
    }
    const { number } = recipient;
    if (waiting.intentAt !== null) {
      const taken = await this.#ask(waiting, waiting.intentAt, number, signal);
      if (taken === "unknown") return;
      if (taken !== null) {
        await this.#settle(waiting, endOf(taken));
        return;
      }
    }
    const error = this.#isTooLate(waiting);
    if (error !== null) {
      await this.#settle(waiting, { status: "FAILED", error });
      return;
    }
    const waitMs = this.#options.messages.waitMs();
    if (waitMs > 0) this.#postpone(waiting, waitMs);
    else await this.#send(waiting, number, signal);
  }

  /** What became of a message that was about to be sent; `unknown` when nobody can say now. */
  async #ask(
    waiting: Waiting,
    sinceMs: number,
    number: string,
    signal: AbortSignal,
  ): Promise<TakenMessage | null | "unknown"> {
    const { messages, clock } = this.#options;
    try {
      return await messages.find(number, shortCode(waiting.alertId), sinceMs, signal);
    } catch (error) {
      if (!isProviderError(error)) throw error;
      if (signal.aborted) return "unknown";
      if (clock.nowMs() > this.#lastMs(waiting) + ASK_ON_MS) {
        await this.#settle(waiting, { status: "FAILED", error: "alert.outcome-unknown" });
      } else this.#failed(waiting, error);
      return "unknown";
    }
  }

  async #send(waiting: Waiting, number: string, signal: AbortSignal): Promise<void> {
    const { messages, clock } = this.#options;
    const intentAt = clock.nowMs();
    const intended = { ...waiting, attempt: waiting.attempt + 1, intentAt };
    this.#outbox.set(keyOf(intended), intended);
    await this.#commit([]);
    // A process that was stopped in between may have been taken over, and asked after already.
    if (clock.nowMs() - intentAt > SEND_WITHIN_MS) {
      this.#postpone(intended, ASK_AFTER_MS);
      return;
    }
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(SEND_WITHIN_MS)]);
      const taken = await messages.send(number, waiting.text, within);
      await this.#settle(intended, endOf(taken));
    } catch (error) {
      if (!isProviderError(error)) throw error;
      // Whoever goes on from here asks.
      if (!signal.aborted) await this.#notTaken(waiting, intended, error);
    }
  }

  async #notTaken(before: Waiting, intended: Waiting, error: ProviderError): Promise<void> {
    const outcome = outcomeOf(error);
    const code = failureCode(error);
    if (outcome === "refused") {
      await this.#settle(intended, { status: "FAILED", error: code });
      return;
    }
    const closed = { ...(outcome === "held" ? before : intended), intentAt: null };
    const next = outcome === "unknown" ? intended : closed;
    this.#outbox.set(keyOf(next), next);
    const retry = { status: "RETRY", error: code } as const;
    await this.#commit(outcome === "held" ? [] : [this.#ended(next, retry)]);
    this.#failed(next, error);
  }

  /** A failure without an answer says nothing of what is still under way. */
  #failed(waiting: Waiting, { facts }: ProviderError): void {
    const failures = (this.#due.get(keyOf(waiting))?.failures ?? 0) + 1;
    const isUnderWay = waiting.intentAt !== null && facts.status === undefined;
    const waitMs = waitAfter(failures, facts.retryAfterMs);
    this.#postpone(waiting, isUnderWay ? Math.max(waitMs, ASK_AFTER_MS) : waitMs, failures);
  }

  #postpone(waiting: Waiting, ms: number, failures?: number): void {
    const key = keyOf(waiting);
    const known = failures ?? this.#due.get(key)?.failures ?? 0;
    this.#due.set(key, { atMs: this.#options.clock.nowMs() + ms, failures: known });
  }

  async #settle(waiting: Waiting, end: End): Promise<void> {
    const key = keyOf(waiting);
    this.#outbox.delete(key);
    this.#due.delete(key);
    await this.#commit([this.#ended(waiting, end)]);
  }

  /** The last instant at which it is worth a message, by the alert's own time or, if that is ahead, by ours. */
  #lastMs({ requestedAt, receivedAt }: Waiting): number {
    return Math.min(requestedAt, receivedAt) + this.#options.maxAgeMs;
  }

  #isTooLate(waiting: Waiting): "alert.too-late" | null {
    return this.#options.clock.nowMs() > this.#lastMs(waiting) ? "alert.too-late" : null;
  }

  #ended(
    waiting: Waiting,
    { status, error, reference = null }: End,
    { simulated, wasOld }: AsTaken = WAITED,
  ): Ended {
    const { alertId, recipient, symbol, traceparent, runId } = waiting;
    const attempt = Math.max(1, waiting.attempt);
    const to = this.#recipients.get(recipient)?.masked ?? null;
    const append = deliveryEvent({
      ...{ alertId, symbol, simulated, status, error, attempt, channel: "sms", source: "twilio" },
      ...{ recipient: to, reference, requestedAt: waiting.requestedAt },
      atMs: this.#options.clock.nowMs(),
      inputs: [alertId, "sms", recipient, String(attempt), status],
      origin: { traceparent, ...(runId === null ? {} : { runId }) },
    });
    const told = { alertId, to, status, attempt, error, reference, wasOld };
    return { append, parent: alertId, told };
  }

  async #commit(ended: readonly Ended[], next?: number): Promise<void> {
    const { telemetry, onEnded } = this.#options;
    const startedMs = this.#options.clock.elapsedMs();
    const appends = ended.map(({ append }) => append);
    await this.#requests.commit(appends, next);
    const parents = new Map(
      ended.flatMap(({ append, parent }) =>
        parent === null ? [] : [[append.headers.ce_id ?? "", spanIdOf(parent)] as const],
      ),
    );
    const elapsedMs = this.#options.clock.elapsedMs() - startedMs;
    if (appends.length > 0) telemetry?.written(PART, appends, elapsedMs, parents);
    for (const { told } of ended) if (told !== undefined) onEnded?.(told);
  }
}

/** A message that Twilio has given up on is taken all the same: it is not sent again. */
function endOf({ sid, failed }: TakenMessage): End {
  return failed
    ? { status: "FAILED", error: "twilio.undelivered", reference: sid }
    : { status: "SENT", error: null, reference: sid };
}
