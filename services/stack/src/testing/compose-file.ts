import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { COMPOSE_FILE } from "../containers/compose.ts";

const SERVICE = z.object({
  image: z.string(),
  build: z.literal(".").optional(),
  profiles: z.array(z.string()).min(1),
  ports: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
  restart: z.string().optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  configs: z.array(z.object({ source: z.string(), target: z.string() })).default([]),
  volumes: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
  stop_grace_period: z.string().optional(),
  depends_on: z
    .record(
      z.string(),
      z.object({ condition: z.enum(["service_healthy", "service_completed_successfully"]) }),
    )
    .default({}),
  healthcheck: z
    .object({
      test: z.array(z.string()).min(2),
      interval: z.string(),
      timeout: z.string(),
      retries: z.number(),
    })
    .optional(),
});
const COMPOSE = z.object({
  services: z.record(z.string(), SERVICE),
  configs: z.record(z.string(), z.object({ content: z.string() })),
  volumes: z.record(z.string(), z.null()),
});

export type ComposeService = z.output<typeof SERVICE>;
export type Environment = Readonly<Record<string, string>>;

/** docker-compose.yml as compose takes it where these variables are set, as far as tests look at it. */
export function composeWith(set: Environment): z.output<typeof COMPOSE> {
  // Merge keys (<<) are of YAML 1.1; every compose reads them.
  const written: unknown = parse(readFileSync(COMPOSE_FILE, "utf8"), { merge: true });
  return COMPOSE.parse(expanded(written, set));
}

/** Every text with its variables in place: `${NAME:-what it is otherwise}`. */
function expanded(value: unknown, set: Environment): unknown {
  if (Array.isArray(value)) return value.map((item) => expanded(item, set));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, item]) => [name, expanded(item, set)]);
    return Object.fromEntries(entries);
  }
  if (typeof value !== "string") return value;
  return value.replace(/\$\{(\w+):-([^}]*)\}/g, (_, from: string, otherwise: string) => {
    return (set[from] ?? "") === "" ? otherwise : (set[from] ?? "");
  });
}
