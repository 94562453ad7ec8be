/** The last `capacity` values, as a ring that serialises as plain JSON. */
export interface ValueWindow {
  readonly values: number[];
  /** Index of the oldest value once the ring is full, 0 before. */
  oldest: number;
}

export function emptyWindow(): ValueWindow {
  return { values: [], oldest: 0 };
}

export function pushValue(window: ValueWindow, capacity: number, value: number): void {
  if (window.values.length < capacity) {
    window.values.push(value);
    return;
  }
  window.values[window.oldest] = value;
  window.oldest = (window.oldest + 1) % capacity;
}

/**
 * The last `capacity` values with `value` as the newest, oldest first, without taking it in; null
 * when there are fewer.
 */
export function windowWith(window: ValueWindow, capacity: number, value: number): number[] | null {
  const { values, oldest } = window;
  if (values.length < capacity - 1) return null;
  const skipped = values.length === capacity ? 1 : 0;
  const ordered = [...values.slice(oldest), ...values.slice(0, oldest)].slice(skipped);
  ordered.push(value);
  return ordered;
}
