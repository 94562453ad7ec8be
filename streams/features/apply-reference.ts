import type { StageEvent } from "../kernel/stage.ts";
import {
  type ReferenceState,
  withFails,
  withHalt,
  withNews,
  withOptions,
  withReference,
  withShortInterest,
  withShortVolume,
  withSplit,
} from "./reference-state.ts";

/** Every fact that is not a price. */
export type ReferenceEvent =
  | StageEvent<"market.corporate-action.v1">
  | StageEvent<"market.halt.v1">
  | StageEvent<"market.reference.v1">
  | StageEvent<"short.interest.v1">
  | StageEvent<"short.volume.v1">
  | StageEvent<"short.fails-to-deliver.v1">
  | StageEvent<"market.news.v1">
  | StageEvent<"market.options.v1">;

/** The state after one slow fact; the same object when the fact changes nothing. */
export function applyReference(state: ReferenceState, event: ReferenceEvent): ReferenceState {
  switch (event.topic) {
    case "market.corporate-action.v1":
      return withSplit(state, event.id, event.value);
    case "market.halt.v1":
      return withHalt(state, event.id, event.value);
    case "market.reference.v1":
      return withReference(state, event.id, event.value);
    case "short.interest.v1":
      return withShortInterest(state, event.id, event.value);
    case "short.volume.v1":
      return withShortVolume(state, event.id, event.value);
    case "short.fails-to-deliver.v1":
      return withFails(state, event.id, event.value);
    case "market.news.v1":
      return withNews(state, event.id, event.value);
    case "market.options.v1":
      return withOptions(state, event.id, event.value);
  }
}
