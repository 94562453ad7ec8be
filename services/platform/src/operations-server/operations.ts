/** Whether a service can do its work now, and why not. */
export interface Readiness {
  readonly ready: boolean;
  /** For people; empty when ready. */
  readonly reasons: readonly string[];
}

/** What a service tells about itself, on a port of its own. */
export interface Operations {
  /** False when the process should be ended and started anew. */
  live(): boolean;
  /** Whether it has caught up and what it depends on answers. */
  ready(): Promise<Readiness>;
  /** All metrics in Prometheus' text format; null where they are switched off. */
  readonly metrics: (() => Promise<string>) | null;
  /** Content type of `metrics`. */
  readonly metricsType: string;
}
