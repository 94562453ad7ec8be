import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { secretsOf, withoutSecrets } from "./asked-secrets.ts";

const accept = ["application/json"];

describe("the secrets of a question", () => {
  it("are its keys, crumbs and cookies, and not what it is about", () => {
    const url = new URL("https://provider.example/v8?symbol=GME&apikey=k-123&crumb=abc&token=t-9");
    const headers = {
      authorization: "Bearer b-77",
      cookie: "A3=xyz; A1=uvw",
      "content-type": "application/json",
    };
    const secrets = secretsOf("yahoo", { url, headers, accept });
    expect(secrets).toEqual(expect.arrayContaining(["k-123", "abc", "t-9", "b-77", "xyz", "uvw"]));
    for (const plain of ["GME", "Bearer", "application/json"]) expect(secrets).not.toContain(plain);
  });

  it("are of a feed whatever looks like a key, wherever it stands in the address", () => {
    const url = new URL("https://feeds.example/0123456789abcdef/rss?s=GME&u=fedcba9876543210");
    const request = { url, accept };
    expect(secretsOf("rss", request)).toEqual(["fedcba9876543210", "0123456789abcdef"]);
    expect(secretsOf("polygon", request)).toEqual([]);
  });
});

describe("a body without secrets", () => {
  it("is the body itself where it repeats none", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const body = Buffer.from(bytes);
        const plain = withoutSecrets(body, ["a-long-secret-key"]);
        expect(plain).toEqual({ body, redacted: false });
        expect(plain.body).toBe(body);
      }),
    );
  });

  it("holds none of them, one inside another or written as in an address, and every other byte", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom("sec/ret+1", "sec/ret+1-and-more", encodeURIComponent("sec/ret+1")),
        (bytes, secret) => {
          const body = Buffer.concat([bytes, Buffer.from(secret), bytes]);
          const plain = withoutSecrets(body, ["sec/ret+1", "sec/ret+1-and-more"]);
          const expected = Buffer.concat([bytes, Buffer.from("[redacted]"), bytes]);
          expect(plain.redacted).toBe(true);
          expect(plain.body.equals(expected)).toBe(true);
        },
      ),
    );
  });

  it("keeps words that are too short to be a key", () => {
    const body = Buffer.from("a demo of it");
    expect(withoutSecrets(body, ["demo", ""])).toEqual({ body, redacted: false });
  });
});
