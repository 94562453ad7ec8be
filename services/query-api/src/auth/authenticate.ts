import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError } from "../api-error.ts";
import { TOKEN_HEADER } from "../control/decision.ts";
import { type ApiKey, digestOf, type Principal, type Scope, verify } from "./api-keys.ts";
import { isLoopback } from "./served-hosts.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Scope a key needs for the route; `public` needs none. Every route states it. */
    scope?: Scope | "public";
  }
}

interface Options {
  /** Empty: no key is asked for, which only a loopback listener may do. */
  readonly keys: readonly ApiKey[];
  /** Stands for the scope `control` in requests from this machine; null where there is none. */
  readonly controlToken: string | null;
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
export function authenticate(app: FastifyInstance, options: Options): void {
  const { keys, controlToken, nowMs } = options;
  app.decorateRequest(PRINCIPAL, null);
  const inventory: RegisteredRoute[] = [];
  app.decorate(INVENTORY, inventory);
  app.addHook("onRoute", ({ method, url, config }) => {
    const scope = config?.scope;
    if (scope === undefined) throw new Error(`route ${url} declares no scope`);
    for (const each of [method].flat()) inventory.push({ method: each, url, scope });
  });
  app.addHook("onRequest", (request, _reply, done) => {
    const presented = presentedKey(request);
    if (presented !== null) request.setDecorator(PRINCIPAL, verify(keys, presented, nowMs()));
    done();
  });
  app.addHook("preParsing", async (request) => {
    const scope = request.routeOptions.config.scope ?? "read";
    if (scope === "public") return;
    if (scope === "control" && holdsToken(request, controlToken)) return;
    // Without keys everybody on this machine may read; but the browser of somebody here sends what
    // any web page tells it to, so changing something takes a secret even then.
    if (keys.length === 0 && scope !== "control") return;
    const principal = principalOf(request);
    if (principal === null) throw new ApiError("unauthenticated", CREDENTIALS[scope]);
    if (!principal.scopes.has(scope))
      throw new ApiError("forbidden", "ask for a key with this scope", { scope });
  });
}

export function principalOf(request: FastifyRequest): Principal | null {
  return request.getDecorator<Principal | null>(PRINCIPAL);
}

/** The rate limit of a route that answers whoever has this scope at any time; who guesses keys has a limit. */
export function unlimitedFor(scope: Scope, { keys }: Pick<Options, "keys">) {
  return {
    allowList: (request: FastifyRequest): boolean =>
      keys.length === 0 || principalOf(request)?.scopes.has(scope) === true,
  };
}

/** Every route of an app, as it was registered. */
export function routesOf(app: FastifyInstance): readonly RegisteredRoute[] {
  return app.getDecorator<readonly RegisteredRoute[]>(INVENTORY);
}

const CREDENTIALS: Readonly<Record<Scope, string>> = {
  read: "send the key as a bearer token",
  monitor: "send the key as a bearer token",
  control: "send a key as a bearer token, or use npm run amc -- control on the machine itself",
};

function holdsToken({ headers, socket }: FastifyRequest, token: string | null): boolean {
  const presented = headers[TOKEN_HEADER];
  if (token === null || typeof presented !== "string" || !isFromHere(socket)) return false;
  return timingSafeEqual(digestOf(presented), digestOf(token));
}

/** The peer as the kernel knows it, whatever a proxy says; an address of our own is this machine. */
function isFromHere({ remoteAddress, localAddress }: FastifyRequest["socket"]): boolean {
  if (remoteAddress === undefined) return false;
  return remoteAddress === localAddress || isLoopback(remoteAddress.replace(/^::ffff:/, ""));
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
