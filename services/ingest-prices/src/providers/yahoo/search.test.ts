import { describe, expect, it } from "vitest";
import { readSearch } from "./search.ts";

const AT = Date.UTC(2025, 8, 5, 20);
const story = (parts: object = {}) => ({
  ...{ uuid: "57ea9c09-0c99-3adf-9062-fecfdbe472cc", title: "XYZ beats estimates" },
  ...{ link: "https://finance.yahoo.com/news/xyz.html", providerPublishTime: AT / 1000 - 60 },
  ...{ relatedTickers: ["XYZ", "BRK-B", "^GSPC!"], ...parts },
});
const read = (json: unknown) =>
  readSearch({ status: 200, body: Buffer.from(JSON.stringify(json)) }, AT);

describe("a search of Yahoo's", () => {
  it("lists stories with their time and the companies they are about", () => {
    expect(read({ news: [story()] })).toEqual({
      headlines: [
        {
          ...{ id: story().uuid, title: "XYZ beats estimates", publishedAt: AT - 60_000 },
          ...{ link: "https://finance.yahoo.com/news/xyz.html", symbols: ["XYZ", "BRK.B"] },
        },
      ],
      refused: [],
    });
    expect(read({ news: [] }).headlines).toEqual([]);
  });

  it.each([
    ["without a title", { title: "" }, "yahoo.news-shape"],
    ["of the future", { providerPublishTime: AT / 1000 + 301 }, "domain.time-ahead"],
    ["with a time in ms", { providerPublishTime: AT }, "yahoo.news-shape"],
  ])("leaves out a story %s, with the reason", (_, parts, code) => {
    const { headlines, refused } = read({ news: [story(), story(), story(parts)] });
    expect(headlines).toHaveLength(2);
    expect(refused).toMatchObject([{ code }]);
  });

  it.each([
    ["a note", { message: "Too many requests" }],
    ["stories without times", { news: [{ title: "XYZ" }] }],
    ["nothing", null],
  ])("is none when it is %s", (_, json) => {
    expect(() => read(json)).toThrow(expect.objectContaining({ code: "provider.unreadable" }));
  });
});
