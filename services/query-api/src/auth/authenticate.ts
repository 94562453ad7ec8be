import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError } from "../api-error.ts";
import { type ApiKey, type Principal, type Scope, verify } from "./api-keys.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Scope a key needs for the route; `public` needs none. Every route states it. */
    scope?: Scope | "public";
  }
}

interface Options {
  /** Empty: no key is asked for, which only a loopback listener may do. */
  readonly keys: readonly ApiKey[];
  readonly nowMs: () => number;
}

/** One line of the route inventory (S25). */
export interface RegisteredRoute {
  readonly method: string;
  /** Pattern, such as `/recommendations/:id`. */
  readonly url: string;
  readonly scope: Scope | "public";
}

const PRINCIPAL = "principal";
const INVENTORY = "routeInventory";

/**
 * Identifies the caller before the rate limit and enforces after it, so that guessing keys is
 * limited too. A route without a declared scope cannot be registered.
 */
export function authenticate(app: FastifyInstance, { keys, nowMs }: Options): void {
  app.decorateRequest(PRINCIPAL, null);
  const inventory: RegisteredRoute[] = [];
  app.decorate(INVENTORY, inventory);
  app.addHook("onRoute", ({ method, url, config }) => {
    const scope = config?.scope;
    if (scope === undefined) throw new Error(`route ${url} declares no scope`);
    for (const each of [method].flat()) inventory.push({ method: each, url, scope });
  });
  if (keys.length === 0) return;
  app.addHook("onRequest", async (request) => {
    const presented = presentedKey(request);
    if (presented !== null) request.setDecorator(PRINCIPAL, verify(keys, presented, nowMs()));
  });
  app.addHook("preParsing", async (request) => {
    const scope = request.routeOptions.config.scope ?? "read";
    if (scope === "public") return;
    const principal = principalOf(request);
    if (principal === null) throw new ApiError("unauthenticated", "send the key as a bearer token");
    if (!principal.scopes.has(scope))
      throw new ApiError("forbidden", "ask for a key with this scope", { scope });
  });
}

export function principalOf(request: FastifyRequest): Principal | null {
  return request.getDecorator<Principal | null>(PRINCIPAL);
}

/** Every route of an app, as it was registered. */
export function routesOf(app: FastifyInstance): readonly RegisteredRoute[] {
  return app.getDecorator<readonly RegisteredRoute[]>(INVENTORY);
}

/** `Authorization: Bearer <key>`, `X-Api-Key: <key>`, or the password of `Authorization: Basic`. */
function presentedKey(request: FastifyRequest): string | null {
  const header = request.headers["x-api-key"];
  if (typeof header === "string") return header;
  const [scheme, credentials] = request.headers.authorization?.split(" ", 2) ?? [];
  if (credentials === undefined) return null;
  if (scheme?.toLowerCase() === "bearer") return credentials;
  if (scheme?.toLowerCase() !== "basic") return null;
  const decoded = Buffer.from(credentials, "base64").toString("utf8");
  return decoded.slice(decoded.indexOf(":") + 1);
}
