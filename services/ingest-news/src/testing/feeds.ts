/** What an item of a made-up feed says; null leaves the element out. */
export interface TestItem {
  readonly title: string | null;
  readonly pubDate: string | null;
  readonly link: string | null;
  readonly guid: string | null;
  readonly description: string | null;
  readonly source: string | null;
}

const ITEM: TestItem = {
  title: "GameStop beats estimates",
  pubDate: "Mon, 08 Sep 2025 11:30:00 GMT",
  link: "https://news.example/gamestop-beats",
  guid: "0f3c7a51-5d0f-4a52-a1f0-7c1f0c1d2e3f",
  description: null,
  source: null,
};

/** When the items of these feeds are captured: half an hour after the usual one came out. */
export const CAPTURED_AT = Date.UTC(2025, 8, 8, 12);

/** An RSS 2.0 feed whose items differ from the usual one in what is given; values are XML already. */
export function rssOf(...items: readonly Partial<TestItem>[]): string {
  const body = items.map((item) => itemXml({ ...ITEM, ...item })).join("\n");
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Test</title><language>en-US</language>
${body}
</channel></rss>`;
}

function itemXml({ source, ...elements }: TestItem): string {
  const given = Object.entries(elements).flatMap(([name, text]: [string, string | null]) =>
    text === null ? [] : [`<${name}>${text}</${name}>`],
  );
  return `<item>${given.join("")}${source ?? ""}</item>`;
}

/** Bytes that are no feed, or none that anybody should read (reliability.md B11, B13), by name. */
export const BAD_FEEDS: Readonly<Record<string, string | Buffer>> = {
  nothing: "",
  "an HTML page": "<!DOCTYPE html><html><body>Service unavailable</body></html>",
  XHTML: '<html xmlns="http://www.w3.org/1999/xhtml"><body>busy</body></html>',
  JSON: '{"message":"Too many requests"}',
  "half a feed": rssOf({}, {}).slice(0, -60),
  "a feed cut in a tag": rssOf({}).slice(0, 120),
  "a feed cut in a CDATA section": "<rss><channel><item><title><![CDATA[GME",
  "two roots": `${rssOf({})}<rss/>`,
  "a channel elsewhere": "<rdf><channel><item/></channel></rdf>",
  "RSS without a channel": "<rss version='2.0'></rss>",
  "ten laughs": laughs(10),
  "a document type and nothing of it": `<!DOCTYPE rss>${rssOf({}).split("\n").slice(1).join("\n")}`,
  "a document type in small letters": `<!doctype rss><rss><channel/></rss>`,
  "an external entity": `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel>&x;</channel></rss>`,
  "a parameter entity": `<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]><rss><channel/></rss>`,
  "an external document type": `<!DOCTYPE r SYSTEM "http://169.254.169.254/"><rss><channel/></rss>`,
  "an entity that nobody declared": "<rss><channel><title>&company;</title></channel></rss>",
  "a reference to no character": "<rss><channel><title>&#0;</title></channel></rss>",
  "nesting without end": "<a>".repeat(100_000),
  "deep nesting that ends": `${"<a>".repeat(5_000)}${"</a>".repeat(5_000)}`,
  "an element with 100,000 attributes": `<rss ${Array.from({ length: 100_000 }, (_, n) => `a${n}="1"`).join(" ")}/>`,
  "an attribute without end": `<rss version="${"x".repeat(100_000)}`,
  "the same attribute twice": `<rss version="2.0" version="2.0"><channel/></rss>`,
  "300,000 empty items": `<rss><channel>${"<item/>".repeat(280_000)}</channel></rss>`,
  "a million references": `<rss><channel><title>${"&amp;".repeat(390_000)}</title></channel></rss>`,
  "more bytes than a feed has": `<rss><channel>${" ".repeat(2_000_000)}</channel></rss>`,
  "UTF-16": Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(rssOf({}), "utf16le")]),
  "UTF-16 that says UTF-8": Buffer.from(rssOf({}), "utf16le"),
  "another encoding than it states": Buffer.from(rssOf({ title: "Zürich GME" }), "latin1"),
  "an encoding that is none": rssOf({}).replace("UTF-8", "EBCDIC-37"),
  "zero bytes": Buffer.alloc(1_000),
};

/** Entities that stand for ten of the one before. */
function laughs(levels: number): string {
  const entities = Array.from({ length: levels }, (_, level) =>
    level === 0 ? '<!ENTITY l0 "ha">' : `<!ENTITY l${level} "${`&l${level - 1};`.repeat(10)}">`,
  );
  return `<!DOCTYPE rss [${entities.join("")}]><rss><channel><title>&l${levels - 1};</title></channel></rss>`;
}
