// Generated from schemas/avro by `npm run generate`. Do not edit.
import { SCHEMAS } from "./schemas.ts";

/** Every schema version that was ever released, in the order of their ids. */
export const RELEASES = [
  { id: 1, topic: "market.corporate-action.v1", version: 1, schema: SCHEMAS["amc.market.CorporateAction"] },
  { id: 2, topic: "market.halt.v1", version: 1, schema: SCHEMAS["amc.market.Halt"] },
  { id: 3, topic: "market.reference.v1", version: 1, schema: SCHEMAS["amc.market.Reference"] },
  { id: 4, topic: "short.interest.v1", version: 1, schema: SCHEMAS["amc.short.ShortInterest"] },
  { id: 5, topic: "short.volume.v1", version: 1, schema: SCHEMAS["amc.short.ShortVolume"] },
  { id: 6, topic: "short.fails-to-deliver.v1", version: 1, schema: SCHEMAS["amc.short.FailsToDeliver"] },
  { id: 7, topic: "market.news.v1", version: 1, schema: SCHEMAS["amc.market.News"] },
  { id: 8, topic: "market.options.v1", version: 1, schema: SCHEMAS["amc.market.Options"] },
  { id: 9, topic: "market.price-tick.v1", version: 1, schema: SCHEMAS["amc.market.PriceTick"] },
  { id: 10, topic: "ops.control.v1", version: 1, schema: SCHEMAS["amc.ops.Control"] },
  { id: 11, topic: "ops.clock.v1", version: 1, schema: SCHEMAS["amc.ops.Clock"] },
  { id: 12, topic: "signals.features.v1", version: 1, schema: SCHEMAS["amc.signals.Features"] },
  { id: 13, topic: "signals.detection.v1", version: 1, schema: SCHEMAS["amc.signals.Detection"] },
  { id: 14, topic: "signals.verdict.v1", version: 1, schema: SCHEMAS["amc.signals.Verdict"] },
  { id: 15, topic: "discovery.candidate.v1", version: 1, schema: SCHEMAS["amc.discovery.Candidate"] },
  { id: 16, topic: "ops.slot-closed.v1", version: 1, schema: SCHEMAS["amc.ops.SlotClosed"] },
  { id: 17, topic: "discovery.run.v1", version: 1, schema: SCHEMAS["amc.discovery.Run"] },
  { id: 18, topic: "discovery.recommendation.v1", version: 1, schema: SCHEMAS["amc.discovery.Recommendation"] },
  { id: 19, topic: "alerts.requested.v1", version: 1, schema: SCHEMAS["amc.alerts.Requested"] },
  { id: 20, topic: "alerts.delivery.v1", version: 1, schema: SCHEMAS["amc.alerts.Delivery"] },
  { id: 21, topic: "ops.stage-timing.v1", version: 1, schema: SCHEMAS["amc.ops.StageTiming"] },
] as const;
