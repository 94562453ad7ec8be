/** A message as its provider has taken it. */
export interface TakenMessage {
  /** What the provider calls it. */
  readonly sid: string;
  /** Whether the provider has given up on it meanwhile. */
  readonly failed: boolean;
}

/** Who sends text messages. Both throw ProviderError, and hold and tell of no number. */
export interface TextMessages {
  /** Sends one; resolves when it was taken. */
  send(to: string, text: string, signal: AbortSignal): Promise<TakenMessage>;
  /**
   * The message to a number that ends with a code and was taken since an instant, UTC ms; null when
   * there is none, which is said only when all of them were looked at.
   */
  find(
    to: string,
    code: string,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<TakenMessage | null>;
  /** Ms until something may be sent. */
  waitMs(): number;
}
