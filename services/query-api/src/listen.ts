import type { FastifyInstance } from "fastify";
import type { ApiConfig } from "./config.ts";

/** Listens as configured and resolves with the address, such as `http://127.0.0.1:8080`. */
export function listen(app: FastifyInstance, { host, port }: ApiConfig): Promise<string> {
  return app.listen({ host, port });
}
