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
    const secrets = secretsOf("rss", request);
    expect(secrets).toEqual(expect.arrayContaining(["fedcba9876543210", "0123456789abcdef"]));
    expect(secretsOf("polygon", request)).toEqual([]);
  });

  it.each([
    [
      "in a file's name",
      "https://feeds.example/3b5f0c9a7d1e4f2a8c6b0d9e7f1a2b3c.xml",
      "3b5f0c9a7d1e4f2a8c6b0d9e7f1a2b3c",
    ],
    ["with its padding", "https://feeds.example/?rss=G1QFx8Zk2LmNoPqR==", "G1QFx8Zk2LmNoPqR"],
    [
      "of three parts",
      "https://feeds.example/rss?t=eyJhbGci1.eyJzdWIi2.c2lnbmF0dXJl3",
      "eyJhbGci1.eyJzdWIi2.c2lnbmF0dXJl3",
    ],
    ["of ten characters", "https://feeds.example/a8f3k2m9x1/rss", "a8f3k2m9x1"],
  ])(
    "are of a feed a key %s, and the whole address that it repeats as its own",
    (_, address, key) => {
      const secrets = secretsOf("rss", { url: new URL(address), accept });
      const href = address.replace("&", "&amp;");
      const feed = Buffer.from(
        `<atom:link rel="self" href="${href}"/><link>https://x/${key}</link>`,
      );
      const { body, redacted } = withoutSecrets(feed, secrets);
      expect(redacted).toBe(true);
      expect(body.toString()).not.toContain(key);
    },
  );

  it.each([
    "https://feeds.example/financial-services-latest-news/rss",
    "https://feeds.example/rss?keywords=GameStop&author=Smithson",
    "https://feeds.finance.yahoo.com/rss/2.0/headline?s=GME&region=US&lang=en-US",
  ])("are none in %s, whose words items repeat", (address) => {
    expect(secretsOf("rss", { url: new URL(address), accept })).toEqual([]);
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
