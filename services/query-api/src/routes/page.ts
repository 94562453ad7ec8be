import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";

interface Asset {
  readonly path: string;
  readonly file: string;
  readonly type: string;
}

/** Everything the page loads; nothing outside this list is ever read from disk. */
const ASSETS: readonly Asset[] = [
  { path: "/", file: "page.html", type: "text/html; charset=utf-8" },
  ...["theme.css", "page.css", "parts.css", "docs.css"].map((file) => ({
    path: `/page/${file}`,
    file,
    type: "text/css; charset=utf-8",
  })),
  ...[
    "page.js",
    "theme.js",
    "api.js",
    "dom.js",
    "format.js",
    "run-view.js",
    "recommendation-view.js",
    "explanation-view.js",
  ].map((file) => ({ path: `/page/${file}`, file, type: "text/javascript; charset=utf-8" })),
  { path: "/favicon.svg", file: "favicon.svg", type: "image/svg+xml" },
];

/** The page and its assets, read once at start. */
export function pageRoutes(app: FastifyInstance): void {
  for (const { path, file, type } of ASSETS) {
    const content = readFileSync(new URL(`../page/assets/${file}`, import.meta.url));
    const etag = `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
    app.get(path, {
      config: { scope: "read" },
      schema: { hide: true },
      handler: async (request, reply) => {
        reply.header("etag", etag).header("cache-control", "no-cache").type(type);
        return request.headers["if-none-match"] === etag
          ? reply.code(304).send()
          : reply.send(content);
      },
    });
  }
}
