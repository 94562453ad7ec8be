import type { Recommendation, Requested } from "@amc/schemas/generated/events";
import { derivedId } from "../kernel/ids.ts";
import {
  type AnyEvent,
  DONE,
  type Outcome,
  type Stage,
  type StageEvent,
  skip,
} from "../kernel/stage.ts";
import type { ShortInterestRules } from "../short-interest/rules.ts";
import { requestForJump } from "./short-interest-jump.ts";
import {
  atMost,
  closingLines,
  MESSAGE_CHARACTERS_MAX,
  markedSimulated,
  TITLE_CHARACTERS_MAX,
} from "./wording.ts";

const NAME = "alert-policy";
const VERSION = 1;

const NOT_TRADE_READY: Outcome = skip("label-below-trade-ready");
const NO_NEW_JUMP: Outcome = skip("short-interest-without-new-jump");
const NO_JUMPS_WANTED: Outcome = skip("alerts-on-short-interest-are-off");

type AlertRules = Pick<ShortInterestRules, "alertsOnJumps">;

/** Decides which events somebody should hear about; delivery is another's work. */
export function createAlertPolicyStage({ alertsOnJumps }: AlertRules): Stage {
  return {
    name: NAME,
    version: VERSION,
    inputs: ["discovery.recommendation.v1", "short.quality.v1"],
    outputs: ["alerts.requested.v1"],
    init: ({ emit }) => ({
      stores: [],
      step: (event) => {
        const request = requestOf(event, alertsOnJumps);
        if (!("symbol" in request)) return request;
        emit({
          topic: "alerts.requested.v1",
          id: derivedId(NAME, VERSION, [event.id]),
          key: request.symbol,
          happenedAt: request.happenedAt,
          value: request,
        });
        return DONE;
      },
    }),
  };
}

/** The alert that an event asks for, else why it asks for none. */
function requestOf(event: AnyEvent, alertsOnJumps: boolean): Requested | Outcome {
  switch (event.topic) {
    case "discovery.recommendation.v1":
      return event.value.label === "TRADE_READY" ? requestFor(event) : NOT_TRADE_READY;
    case "short.quality.v1":
      if (!alertsOnJumps) return NO_JUMPS_WANTED;
      return event.value.jumpIsNew ? requestForJump(event) : NO_NEW_JUMP;
    default:
      return skip("topic");
  }
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
  return markedSimulated(`${symbol} is ready to trade${at}`, simulated);
}

function messageOf(recommendation: Recommendation): string {
  const { score, confidence, reasons, simulated } = recommendation;
  return [
    titleOf(recommendation),
    `Score ${score.toFixed(2)} of 1, confidence ${(confidence * 100).toFixed(0)} %.`,
    ...(reasons.length === 0 ? [] : ["Why:", ...reasons.map((reason) => `- ${reason}`)]),
    ...closingLines(simulated),
  ].join("\n");
}
