/**
 * The cache port: answers that can be made again, kept for a while. Nothing is ever true because it
 * is in here, and everything works while it is empty, slow or away.
 */
export interface Cache {
  /** The value, or null when there is none, it has expired or the cache does not answer in time. */
  get(key: string): Promise<string | null>;
  /**
   * Keeps a value for `ttlSeconds` from now, in place of an earlier one. Throws RangeError for an
   * empty value and for a time to live that is not a whole number of seconds above 0,
   * `cache.value-too-large` beyond `MAX_VALUE_BYTES`, and `cache.unavailable` when the cache does not
   * take it in time; the earlier value is then not answered here any more.
   */
  set(key: string, value: string, ttlSeconds: number): Promise<void>;
  /** Throws `cache.unavailable` as `set` does. */
  delete(key: string): Promise<void>;
  /** Whole seconds, rounded up, until a key expires; null when it is not there or never expires. */
  ttlSeconds(key: string): Promise<number | null>;
  /** Keys that start with a prefix, in order of their bytes. For people and tests, not for requests. */
  keys(prefix: string): Promise<readonly string[]>;
  /** What answers, in a word for people; throws `cache.unavailable` when nothing does. */
  ping(): Promise<string>;
  close(): Promise<void>;
}

/** A cached answer larger than this is a defect: a run of 100 candidates has about 20 kB. */
export const MAX_VALUE_BYTES = 1024 * 1024;

export type CacheErrorCode = "cache.unavailable" | "cache.value-too-large";

export class CacheError extends Error {
  readonly code: CacheErrorCode;
  readonly facts: Readonly<Record<string, string | number>>;

  constructor(
    code: CacheErrorCode,
    message: string,
    facts: Readonly<Record<string, string | number>>,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "CacheError";
    this.code = code;
    this.facts = facts;
  }
}

export function isCacheError(error: unknown, code?: CacheErrorCode): error is CacheError {
  return error instanceof CacheError && (code === undefined || error.code === code);
}

/** What every adapter refuses before it sends anything. */
export function checkEntry(key: string, value: string, ttlSeconds: number): void {
  if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds <= 0) {
    throw new RangeError(`a time to live is a whole number of seconds above 0, was ${ttlSeconds}`);
  }
  if (value === "") throw new RangeError("a cached value is not empty");
  const bytes = Buffer.byteLength(value);
  if (bytes <= MAX_VALUE_BYTES) return;
  throw new CacheError("cache.value-too-large", `${key} has ${bytes} bytes`, { key, bytes });
}
