import fc from "fast-check";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { connectionUrl } from "./connection-url.ts";

const text = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme-ascii" });

describe("a connection as one string", () => {
  it("is read by the driver as the same connection, whatever the password holds", () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.constantFrom("/tmp/amc-pg-1", "127.0.0.1"),
        (user, password, host) => {
          const url = connectionUrl({ user, password, host, port: 5433, database: "amc" });
          const client = new pg.Client({ connectionString: url });
          expect(client).toMatchObject({ user, password, host, port: 5433, database: "amc" });
        },
      ),
    );
  });

  it("is passed on unchanged when there is one already", () => {
    const connectionString = "postgresql://u:p@db.example/x?sslmode=require";
    expect(connectionUrl({ connectionString })).toBe(connectionString);
  });
});
