import type { StageEvent } from "../../kernel/stage.ts";
import type { RowChange } from "../change.ts";

export function projectAlertRequested({
  id,
  value,
}: StageEvent<"alerts.requested.v1">): readonly RowChange[] {
  return [
    {
      table: "alerts",
      row: {
        event_id: id,
        symbol: value.symbol,
        happened_at: value.happenedAt,
        published_at: value.publishedAt,
        captured_at: value.capturedAt,
        simulated: value.simulated,
        alert_type: value.alertType,
        episode: value.episode,
        priority: value.priority.toLowerCase(),
        audience: value.audience,
        subject_id: value.subjectId,
        title: value.title,
        message: value.message,
      },
    },
  ];
}

export function projectAlertDelivery({
  id,
  value,
}: StageEvent<"alerts.delivery.v1">): readonly RowChange[] {
  return [
    {
      table: "alert_deliveries",
      row: {
        event_id: id,
        alert_id: value.alertId,
        symbol: value.symbol,
        happened_at: value.happenedAt,
        published_at: value.publishedAt,
        captured_at: value.capturedAt,
        simulated: value.simulated,
        source: value.source,
        channel: value.channel,
        attempt: value.attempt,
        status: value.status.toLowerCase(),
        error: value.error,
        recipient: value.recipient,
        reference: value.reference,
        requested_at: value.requestedAt,
      },
    },
  ];
}
