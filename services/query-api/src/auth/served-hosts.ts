import type { FastifyInstance } from "fastify";
import { ApiError } from "../api-error.ts";

const LOOPBACK = /^(127(\.\d{1,3}){3}|\[?::1\]?|localhost)$/;

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/**
 * A loopback listener without keys answers loopback names only: otherwise any web page could read
 * it by pointing a host name of its own at 127.0.0.1 (DNS rebinding).
 */
export function serveLoopbackNamesOnly(app: FastifyInstance): void {
  app.addHook("onRequest", async (request) => {
    const host = request.hostname;
    if (!isLoopback(host)) {
      throw new ApiError("misdirected-request", "use localhost, or configure API keys");
    }
  });
}
