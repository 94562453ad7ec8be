/** Rows of `features_latest` about symbols that traded, as the features stage tells them apart. */
export const IS_PRICED =
  "(features_latest.price IS NOT NULL OR features_latest.prev_close IS NOT NULL)";
