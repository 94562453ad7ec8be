import { MAX_CONNECTIONS } from "@amc/stack/postgres/server-connections";
import { describe, expect, it } from "vitest";
import { API_CONNECTIONS, PROJECTOR_CONNECTIONS } from "./database.ts";

/** R-OPS-02. */
const INSTANCES = 3;
/** `apicurio.datasource.jdbc.max-size` of the registry, whose tables are on the same server in containers. */
const REGISTRY_CONNECTIONS = 100;
/** Jobs of a projector that ask while all its projections write: as many again. */
const PER_PROJECTOR = 2 * PROJECTOR_CONNECTIONS;

describe("a server of the stack", () => {
  it("lets in three busy instances of the API and of the projector, the registry and a command", () => {
    const services = INSTANCES * (API_CONNECTIONS + PER_PROJECTOR) + REGISTRY_CONNECTIONS;
    expect(services).toBeLessThan(MAX_CONNECTIONS);
    // Control: what PostgreSQL lets in by itself is too little for two of them.
    expect(2 * API_CONNECTIONS + PER_PROJECTOR).toBeGreaterThan(100);
  });
});
