/** Largest message including its envelope (design.md §4); brokers are configured to the same. */
export const MESSAGE_BYTES_MAX = 256 * 1024;

/**
 * Array items in one message, all arrays together (reliability.md B2). Each array also has its own
 * `maxItems` in the schema.
 */
export const MESSAGE_ITEMS_MAX = 10_000;

/** Records and arrays inside one another (reliability.md B2); checked when a schema is compiled. */
export const SCHEMA_DEPTH_MAX = 16;
