import { encodeEvent } from "@amc/schemas/codec";
import type { AlertRaised } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import {
  type OperationalAlertKind,
  operationalAlertId,
} from "@amc/streams/jobs/operational-alerts";
import type { Append } from "../log/port.ts";
import { eventText } from "./job-error.ts";

const ALERT_RAISED = "ops.alert-raised.v1";

/** Of `source`, the producer. Its id says what it is about: raised again, it is the same event. */
export function alertAppend(
  source: string,
  alert: AlertRaised & { readonly kind: OperationalAlertKind },
): Append {
  const { subject, happenedAt } = alert;
  const finding = eventText(alert.finding);
  return {
    ...{ topic: ALERT_RAISED, key: subject },
    value: encodeEvent(ALERT_RAISED, { ...alert, finding, advice: eventText(alert.advice) }),
    headers: eventHeaders({
      ...{ id: operationalAlertId(alert), source, topic: ALERT_RAISED, happenedAt },
    }),
  };
}
