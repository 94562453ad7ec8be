/** What the copying process and its checker agree on. */
export const COPIED = "signals.features.v1";
export const COPIED_LAYOUT = [{ topic: COPIED, partitions: 2 }];
export const COPIER_GROUP = "copier";
export const RECORDS_PER_INPUT = 5;
