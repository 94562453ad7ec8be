import type { FastifyInstance } from "fastify";
import { ApiListenError } from "./api-error.ts";
import type { ApiConfig } from "./config.ts";

/** What the system says of a port that somebody else has, or that only root may take. */
const PORT_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use",
  EACCES: "is not for this user",
};

/**
 * Listens as configured and resolves with the address, such as `http://127.0.0.1:8080`. Throws
 * `api.cannot-listen`, which names the setting to change.
 */
export async function listen(app: FastifyInstance, { host, port }: ApiConfig): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause)) throw cause;
    const reason = String(cause.code);
    const ofPort = PORT_REASONS[reason];
    throw new ApiListenError(
      ofPort === undefined
        ? `cannot listen at ${host}, port ${port}: ${cause.message}; choose another HOST`
        : `port ${port} of ${host} ${ofPort}: choose PORT, from which instances count on, or --port <n> of npm start; 0 takes a free one`,
      { host, port, reason },
      { cause },
    );
  }
}
