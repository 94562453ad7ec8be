import { describe, expect, it } from "vitest";
import { isNumber, recordOf } from "./json-shape.ts";
import { jsonCodec, readStored, storedBytes } from "./state-codec.ts";

const AT = { store: "features.window", key: "GME" };

interface Point {
  readonly x: number;
  readonly y: number;
}
const isPoint = recordOf<Point>({ x: isNumber, y: isNumber });
const points = (format: number) => jsonCodec<Point>(format, isPoint);
const utf8 = (text: string) => new TextEncoder().encode(text);

describe("a stored value", () => {
  it("comes back under its format", () => {
    const bytes = storedBytes(points(3), { x: 1, y: -2.5 });
    expect(bytes[0]).toBe(3);
    expect(readStored(AT, points(3), bytes)).toEqual({ x: 1, y: -2.5 });
  });

  it.each([
    ["an older", 1, 2],
    ["a newer", 31, 2],
  ])("of %s format is refused with the place and both numbers", (_, found, expected) => {
    const bytes = storedBytes(points(found), { x: 1, y: 2 });
    expect(() => readStored(AT, points(expected), bytes)).toThrow(
      expect.objectContaining({
        code: "state.format",
        message: `the state features.window of GME was stored in format ${found}, and this version reads format ${expected}`,
        facts: { stage: "features", ...AT, found, expected },
      }),
    );
  });

  it.each([
    ["ends early", utf8('\u0002{"x":1,')],
    ["has another shape", utf8('\u0002{"x":1}')],
  ])("of the right format that %s is told from another format", (_, bytes) => {
    expect(() => readStored(AT, points(2), bytes)).toThrow(
      expect.objectContaining({ code: "state.unreadable", cause: expect.any(Error) }),
    );
  });

  it("of before formats had numbers is read where its codec can, and refused otherwise", () => {
    const older = utf8('{"x":7}');
    const withY = jsonCodec<Point>(1, isPoint, (json) => ({ y: 0, ...Object(json) }));
    expect(readStored(AT, withY, older)).toEqual({ x: 7, y: 0 });
    const binary = { format: 2, decode: () => 0 };
    for (const [codec, bytes] of [
      [points(1), older],
      [binary, new Uint8Array([0, 1, 9])],
      [binary, new Uint8Array(0)],
    ] as const) {
      expect(() => readStored<unknown>(AT, codec, bytes)).toThrow(
        expect.objectContaining({
          code: "state.format",
          message: expect.stringContaining("was stored before formats had numbers"),
        }),
      );
    }
  });
});
