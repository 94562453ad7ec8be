/**
 * W3C trace context of events. The ids are those of the events themselves, so that the same facts
 * give the same headers: a fact begins the trace that has its id, and every event has a span whose
 * id is the last half of its own.
 */

export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Of the event or request that the header belongs to, 16 hexadecimal digits. */
  readonly spanId: string;
}

/** Ids of nothing but zeros are none. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Span id of the event with this UUID. */
export function spanIdOf(id: string): string {
  return id.slice(19, 23) + id.slice(24);
}

function traceIdOf(id: string): string {
  return id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + spanIdOf(id);
}

/**
 * `traceparent` of an event: a trace of its own or, with the `traceparent` of what it follows from,
 * a span of that trace. The flag says that the trace may be recorded; each exporter samples by the
 * trace id, so that all processes choose the same traces.
 */
export function traceparentOf(id: string, parent?: string): string {
  // Ours, or read through `parseTraceparent`: the version and the trace id are the first 35 digits.
  const start = parent === undefined ? `00-${traceIdOf(id)}` : parent.slice(0, 35);
  return `${start}-${spanIdOf(id)}-01`;
}

/** Null for a header that is missing, malformed or of a version that nobody has defined yet. */
export function parseTraceparent(header: string | undefined): TraceParent | null {
  if (header === undefined || !TRACEPARENT.test(header)) return null;
  return { traceId: header.slice(3, 35), spanId: header.slice(36, 52) };
}
