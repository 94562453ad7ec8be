import { describe, expect, it } from "vitest";
import { MemberDesk } from "./member-desk.ts";

describe("the desk of a group's members", () => {
  it("measures how long a unit was without a worker, from the end of one to the begin of the next", () => {
    let now = 0;
    const [first, second] = [{}, {}];
    const desk = new MemberDesk(["signals/0", "signals/1"], () => now);
    desk.hear(first, "BEGIN signals/0");
    desk.hear(first, "BEGIN signals/1");
    now = 10;
    desk.gone(first);
    now = 17;
    desk.hear(second, "BEGIN signals/0");
    now = 30;
    expect(desk.gaps).toEqual(new Map(Object.entries({ "signals/0": 7, "signals/1": 0 })));
    expect(desk.longestMs()).toBe(20);
  });

  it("counts no gap where another member began before the former one ended", () => {
    let now = 0;
    const [first, second] = [{}, {}];
    const desk = new MemberDesk(["signals/0"], () => now);
    desk.hear(first, "BEGIN signals/0");
    desk.hear(second, "BEGIN signals/0");
    now = 5;
    desk.hear(first, "END signals/0");
    now = 50;
    expect(desk.longestMs()).toBe(0);
  });
});
