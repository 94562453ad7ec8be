import { afterEach, describe, expect, it, vi } from "vitest";
import { Printer } from "./printer.ts";

/** What reaches the two streams of the process while `work` runs. */
function streamsOf(work: () => void): { readonly stdout: string; readonly stderr: string } {
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      written[name] += String(text);
      return true;
    });
  }
  work();
  return written;
}

afterEach(() => vi.restoreAllMocks());

describe("what a command prints", () => {
  it("as JSON is one object per line on stdout, with hints on stderr as docs/commands.md says", () => {
    const printed = streamsOf(() => {
      const printer = new Printer(true);
      printer.note("page and API at http://127.0.0.1:40123");
      printer.line({ type: "serving", address: "http://127.0.0.1:40123" }, "for people");
      printer.line(null, "for people");
      printer.done();
    });
    expect(printed).toEqual({
      stdout: '{"type":"serving","address":"http://127.0.0.1:40123"}\n',
      stderr: "page and API at http://127.0.0.1:40123\n",
    });
  });

  it("as text is lines on stdout and hints on stderr", () => {
    const printed = streamsOf(() => {
      const printer = new Printer(false);
      printer.note("a hint");
      printer.line({ type: "run" }, null);
      printer.line({ type: "alert" }, "GME is ready");
    });
    expect(printed).toEqual({ stdout: "GME is ready\n", stderr: "a hint\n" });
  });
});
