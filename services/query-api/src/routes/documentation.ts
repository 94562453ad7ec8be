import type { FastifyInstance } from "fastify";
import { NO_QUERY } from "../http/query-schema.ts";
import { documentationPage } from "../page/documentation-page.ts";

/** `/openapi.json` and `/docs`: both are made from the registered routes, so they cannot lag. */
export function documentationRoutes(app: FastifyInstance): void {
  app.get("/openapi.json", {
    config: { scope: "read" },
    schema: { summary: "This API as OpenAPI 3.1", tags: ["documentation"], querystring: NO_QUERY },
    handler: async () => app.swagger(),
  });
  app.get("/docs", {
    config: { scope: "read" },
    schema: {
      summary: "This API for people",
      tags: ["documentation"],
      querystring: NO_QUERY,
      produces: ["text/html"],
    },
    handler: async (_request, reply) =>
      reply.type("text/html; charset=utf-8").send(documentationPage(app.swagger())),
  });
}
