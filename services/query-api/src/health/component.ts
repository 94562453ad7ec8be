export type ComponentStatus = "healthy" | "degraded" | "unhealthy" | "not_configured";

/** One part of the system in `/health`. */
export interface Component {
  readonly status: ComponentStatus;
  /** Why, or what it is. */
  readonly detail: string;
}
