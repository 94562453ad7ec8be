import type { StageEvent } from "../../kernel/stage.ts";
import type { RowChange } from "../change.ts";

export function projectOperationalAlert(
  { id, value }: StageEvent<"ops.alert-raised.v1">,
  record: Uint8Array,
): readonly RowChange[] {
  const { kind, severity, subject, happenedAt, raisedAt, finding, simulated } = value;
  return [
    {
      table: "operational_alerts",
      row: {
        ...{ event_id: id, kind, severity, subject, finding, simulated, event: record },
        ...{ happened_at: happenedAt, raised_at: raisedAt },
      },
    },
  ];
}
