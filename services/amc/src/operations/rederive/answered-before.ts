import type { ConfiguredStaleness } from "@amc/platform/config/staleness-limits";
import { type HttpAnswer, refusalOf } from "@amc/platform/http/exchange";
import type { ProviderAsker, ProviderQuestion, Received } from "@amc/platform/http/provider-client";
import { ProviderError } from "@amc/platform/http/provider-error";
import type { Log } from "@amc/platform/log/port";
import { bodyOf, type KeptAnswer } from "./kept-answers.ts";

export const NOT_KEPT = "not-kept";

/** Kept answers by what was asked, each list in the order of the answers. */
export type AnswersByQuestion = ReadonlyMap<string, readonly KeptAnswer[]>;

export interface AnsweredBeforeOptions {
  readonly log: Log;
  /** What the first question gets. */
  readonly first: KeptAnswer;
  /** What those that follow from it get: further pages, another expiry. */
  readonly others: AnswersByQuestion;
  readonly staleness: ConfiguredStaleness;
}

/** A provider that answers what it has answered before, through the checks that the real one goes through. */
export class AnsweredBefore implements ProviderAsker {
  readonly awaitsTrial = false;
  readonly #options: AnsweredBeforeOptions;
  readonly #used: KeptAnswer[] = [];

  constructor(options: AnsweredBeforeOptions) {
    this.#options = options;
  }

  get simulated(): boolean {
    return this.#options.first.head.simulated;
  }

  get staleness(): ConfiguredStaleness {
    return this.#options.staleness;
  }

  /** What it was asked for. */
  get used(): readonly KeptAnswer[] {
    return this.#used;
  }

  async ask<Answer>(question: ProviderQuestion<Answer>): Promise<Received<Answer>> {
    const kept = this.#used.length === 0 ? this.#options.first : this.#next(question);
    this.#used.push(kept);
    const { httpStatus, answeredAt, responseMs } = kept.head;
    const refusal = refusalOf(headOf(kept), question.request, answeredAt);
    if (refusal !== null) throw refusal;
    const body = await bodyOf(this.#options.log, kept);
    if (body === null) throw notKept(`its body was not kept: ${kept.head.missing}`);
    const answer: HttpAnswer = { status: httpStatus, body };
    const captured = { at: answeredAt, latencyMs: responseMs };
    return { answer: question.read(answer, captured), captured };
  }

  /** The first usable answer that was asked for after the one before; a try that failed was asked again. */
  #next({ endpoint, parameters, request }: ProviderQuestion<unknown>): KeptAnswer {
    const { first, others } = this.#options;
    const { provider, simulated } = first.head;
    const sinceMs = this.#used.at(-1)?.head.answeredAt ?? 0;
    const asked = questionKey({ provider, endpoint, simulated }, parameters ?? {});
    const found = others
      .get(asked)
      ?.find(
        (kept) =>
          kept.head.happenedAt >= sinceMs &&
          refusalOf(headOf(kept), request, kept.head.answeredAt) === null,
      );
    if (found !== undefined) return found;
    throw notKept("what was asked next is not among the answers that are kept");
  }
}

export function byQuestion(answers: readonly KeptAnswer[]): AnswersByQuestion {
  return Map.groupBy(answers, ({ head, asked }) => questionKey(head, asked));
}

function questionKey(
  {
    provider,
    endpoint,
    simulated,
  }: Pick<KeptAnswer["head"], "provider" | "endpoint" | "simulated">,
  parameters: Readonly<Record<string, string>>,
): string {
  const sorted = Object.entries(parameters).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([provider, endpoint, simulated, sorted]);
}

function headOf({ head }: KeptAnswer) {
  const { httpStatus: status, contentType } = head;
  return { status, mediaType: contentType ?? "", encoding: "", retryAfter: "" };
}

function notKept(message: string): ProviderError {
  return new ProviderError("provider.not-found", message, { reason: NOT_KEPT });
}

/** Whether a question failed for want of a kept answer, whatever a provider would say. */
export function isNotKept({ facts }: ProviderError): boolean {
  return facts.reason === NOT_KEPT;
}
