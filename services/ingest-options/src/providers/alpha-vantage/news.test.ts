import { describe, expect, it } from "vitest";
import { NOTES } from "../../testing/alpha-vantage-answers.ts";
import { readNews } from "./news.ts";

const AT = Date.UTC(2025, 8, 5, 20);
const ticker = (name: string, relevance: string) => ({
  ...{ ticker: name, relevance_score: relevance },
  ...{ ticker_sentiment_score: "0.31", ticker_sentiment_label: "Somewhat-Bullish" },
});
/** Made by hand after its documentation. */
const story = (parts: object = {}) => ({
  ...{ title: "XYZ beats estimates", url: "https://news.example/xyz-beats" },
  ...{ time_published: "20250905T195900", authors: ["A"], summary: "In short", source: "Benzinga" },
  ticker_sentiment: [ticker("XYZ", "0.91"), ticker("BRK-B", "0.5"), ticker("AMC", "0.49")],
  ...parts,
});
const read = (json: unknown) =>
  readNews({ status: 200, body: Buffer.from(JSON.stringify(json)) }, AT);

describe("NEWS_SENTIMENT", () => {
  it("lists stories with their time and the companies that they are about, not all that they name", () => {
    expect(read({ items: "1", feed: [story()] })).toEqual({
      headlines: [
        {
          ...{ id: "https://news.example/xyz-beats", link: "https://news.example/xyz-beats" },
          ...{ title: "XYZ beats estimates", publishedAt: AT - 60_000, symbols: ["XYZ", "BRK.B"] },
        },
      ],
      refused: [],
    });
    expect(read({ items: "0", feed: [] }).headlines).toEqual([]);
    const coin = story({ ticker_sentiment: [ticker("CRYPTO:BTC", "1")] });
    expect(read({ feed: [coin] }).headlines).toMatchObject([{ symbols: [] }]);
  });

  it.each([
    ["without a title", { title: "" }, "alpha-vantage.news-shape"],
    ["of the future", { time_published: "20250905T200501" }, "domain.time-ahead"],
    ["of the 31st of February", { time_published: "20250231T100000" }, "alpha-vantage.news-shape"],
    ["of a day without a time", { time_published: "20250905" }, "alpha-vantage.news-shape"],
    ["with a script for an address", { url: "javascript:alert(1)" }, "alpha-vantage.news-shape"],
    [
      "of more than full relevance",
      { ticker_sentiment: [ticker("XYZ", "7")] },
      "alpha-vantage.news-shape",
    ],
  ])("leaves out a story %s, with the reason", (_, parts, code) => {
    const { headlines, refused } = read({ feed: [story(), story(), story(parts)] });
    expect(headlines).toHaveLength(2);
    expect(refused).toMatchObject([{ code }]);
  });

  it.each([
    ["a note about the limit", { Information: NOTES.day }, "provider.rate-limited"],
    ["a note about the plan", { Information: NOTES.premium }, "provider.refused"],
    ["another answer", { data: [] }, "provider.unreadable"],
    ["stories without times", { feed: [{ title: "XYZ" }] }, "provider.unreadable"],
  ])("is none when it is %s", (_, json, code) => {
    expect(() => read(json)).toThrow(expect.objectContaining({ code }));
  });
});
