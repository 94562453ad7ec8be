import { describe, expect, it } from "vitest";
import { parseRedisUrl } from "./redis-url.ts";

describe("a Redis URL", () => {
  it("gives host, port, login and whether to encrypt", () => {
    expect(parseRedisUrl("redis://cache.internal")).toEqual({
      host: "cache.internal",
      port: 6379,
      tls: false,
    });
    expect(parseRedisUrl("rediss://amc:p%40ss%2Fword@[::1]:6380/")).toEqual({
      host: "::1",
      port: 6380,
      username: "amc",
      password: "p@ss/word",
      tls: true,
    });
    expect(parseRedisUrl("redis://:secret@localhost:1")).toEqual({
      host: "localhost",
      port: 1,
      password: "secret",
      tls: false,
    });
  });

  it.each([
    ["another protocol", "http://localhost"],
    ["no host", "redis://"],
    ["a port that is none", "redis://localhost:99999"],
    ["a database, which the purpose decides", "redis://localhost/3"],
    ["options for the driver", "redis://localhost?enableOfflineQueue=true"],
    ["a password that is not encoded", "redis://u:100%@localhost"],
    ["no URL", "localhost:6379"],
  ])("is refused with %s", (_, text) => {
    expect(parseRedisUrl(text)).toBeNull();
  });
});
