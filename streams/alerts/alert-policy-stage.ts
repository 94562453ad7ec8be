import type { Recommendation, Requested } from "@amc/schemas/generated/events";
import { derivedId } from "../kernel/ids.ts";
import { DONE, type Outcome, type Stage, type StageEvent, skip } from "../kernel/stage.ts";

const NAME = "alert-policy";
const VERSION = 1;
/** Widths of the columns and of a text message (domain-facts §7, §18). */
const TITLE_CHARACTERS_MAX = 200;
const MESSAGE_CHARACTERS_MAX = 1600;

const NOT_TRADE_READY: Outcome = skip("label-below-trade-ready");

/** Decides which recommendations somebody should hear about; delivery is another's work. */
export function createAlertPolicyStage(): Stage {
  return {
    name: NAME,
    version: VERSION,
    inputs: ["discovery.recommendation.v1"],
    outputs: ["alerts.requested.v1"],
    init: ({ emit }) => ({
      stores: [],
      step: (event) => {
        if (event.topic !== "discovery.recommendation.v1") return skip("topic");
        if (event.value.label !== "TRADE_READY") return NOT_TRADE_READY;
        emit({
          topic: "alerts.requested.v1",
          id: derivedId(NAME, VERSION, [event.id]),
          key: event.value.symbol,
          happenedAt: event.value.happenedAt,
          value: requestFor(event),
        });
        return DONE;
      },
    }),
  };
}

function requestFor({ id, value }: StageEvent<"discovery.recommendation.v1">): Requested {
  const { symbol, happenedAt, publishedAt, capturedAt, simulated, tradingDay } = value;
  return {
    symbol,
    happenedAt,
    publishedAt,
    capturedAt,
    simulated,
    alertType: "discovery_event",
    episode: `${symbol}:long:${tradingDay}`,
    priority: "HIGH",
    audience: "owner",
    subjectId: id,
    title: atMost(titleOf(value), TITLE_CHARACTERS_MAX),
    message: atMost(messageOf(value), MESSAGE_CHARACTERS_MAX),
  };
}

function titleOf({ symbol, price, simulated }: Recommendation): string {
  const at = price === null ? "" : ` at ${price.toFixed(2)} USD`;
  return `${simulated ? "[SIMULATED] " : ""}${symbol} is ready to trade${at}`;
}

function messageOf(recommendation: Recommendation): string {
  const { score, confidence, reasons, simulated } = recommendation;
  return [
    titleOf(recommendation),
    `Score ${score.toFixed(2)} of 1, confidence ${(confidence * 100).toFixed(0)} %.`,
    ...(reasons.length === 0 ? [] : ["Why:", ...reasons.map((reason) => `- ${reason}`)]),
    ...(simulated ? ["Computed from simulated data: not a real event."] : []),
    "Not investment advice.",
  ].join("\n");
}

/** Cut between characters, never inside a surrogate pair. */
function atMost(text: string, characters: number): string {
  if (text.length <= characters) return text;
  return `${text.slice(0, characters - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}
