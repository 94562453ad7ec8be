import { isProviderError } from "@amc/platform/http/provider-error";
import { describe, expect, it } from "vitest";
import { BAD_FEEDS, rssOf } from "../../testing/feeds.ts";
import { readFeed } from "./read-feed.ts";

const read = (text: string | Buffer) => readFeed({ body: Buffer.from(text) });

/** Cases that reliability.md §3 asks for of B13. */
const FEEDS_ASKED = 60;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

describe("a feed", () => {
  let refused = 0;

  it("of RSS 2.0 is read item by item", () => {
    const source = '<source url="https://www.reuters.com/">Reuters</source>';
    const { language, items } = read(rssOf({ source, title: "<![CDATA[A < B & C]]>" }, {}));
    expect(language).toBe("en-US");
    expect(items).toHaveLength(2);
    expect(items[0]).toEqual({
      ...{
        title: "A < B & C",
        summary: "",
        article: "",
        link: "https://news.example/gamestop-beats",
      },
      ...{
        guid: "0f3c7a51-5d0f-4a52-a1f0-7c1f0c1d2e3f",
        published: "Mon, 08 Sep 2025 11:30:00 GMT",
      },
      outlet: { name: "Reuters", url: "https://www.reuters.com/" },
    });
  });

  it("of Atom 1.0 is read entry by entry, as of when it was last edited", () => {
    const feed = read(`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
      <entry><id>tag:x,2025:1</id><title>GME &amp; more</title><updated>2025-09-08T12:00:00Z</updated>
        <published>2025-09-08T11:00:00Z</published><summary>In short</summary>
        <link rel="self" href="https://x.example/self"/><link href="https://x.example/1"/></entry>
      <entry><id>tag:x,2025:2</id><title>Later</title><updated>2025-09-08T12:00:00Z</updated>
        <content type="html">&lt;p&gt;At length&lt;/p&gt;</content></entry>
    </feed>`);
    expect(feed.items).toEqual([
      {
        ...{ title: "GME & more", summary: "In short", article: "", link: "https://x.example/1" },
        ...{ guid: "tag:x,2025:1", published: "2025-09-08T12:00:00Z", outlet: null },
      },
      {
        ...{
          title: "Later",
          summary: "",
          article: "<p>At length</p>",
          link: null,
          guid: "tag:x,2025:2",
        },
        ...{ published: "2025-09-08T12:00:00Z", outlet: null },
      },
    ]);
  });

  it("may begin with a byte order mark, be Latin-1 and say so, or have markup in its text", () => {
    expect(read(`\ufeff${rssOf({})}`).items).toHaveLength(1);
    const latin = rssOf({ title: "Zürich" }).replace("UTF-8", "ISO-8859-1");
    expect(read(Buffer.from(latin, "latin1")).items[0]?.title).toBe("Zürich");
    const deep = `<![CDATA[${"<p>".repeat(30_000)}<!DOCTYPE x>]]>`;
    expect(read(rssOf({ description: deep })).items).toHaveLength(1);
    expect(read(rssOf({ description: "<!-- <!DOCTYPE x> -->" })).items).toHaveLength(1);
    expect(read(rssOf({ source: '<source url="x">y>z</source>' })).items).toHaveLength(1);
  });

  it("may be without items", () => {
    expect(read(rssOf()).items).toEqual([]);
  });

  it.each(Object.keys(BAD_FEEDS))(
    "is unreadable when it is %s, with a mark of its bytes too",
    (name) => {
      const bytes = Buffer.from(BAD_FEEDS[name] ?? "");
      for (const body of [bytes, Buffer.concat([BYTE_ORDER_MARK, bytes])]) {
        expect(() => readFeed({ body })).toThrow(
          expect.toSatisfy((error) => isProviderError(error, "provider.unreadable")),
        );
        refused += 1;
      }
    },
  );

  it("is unreadable as often as the catalogue asks (B13)", () => {
    console.info(`B13: ${refused} of ${2 * Object.keys(BAD_FEEDS).length} feeds refused`);
    expect(refused).toBeGreaterThanOrEqual(FEEDS_ASKED);
  });
});
