import { describe, expect, it } from "vitest";
import { Disk, type Operation } from "./disk.ts";
import { TraceOperations } from "./trace-operations.ts";
import { inHexadecimal } from "./trace-syntax.ts";

const ROOT = "/recorded";
const hex = (text: string) => `"${inHexadecimal(text)}"`;
const opened = (path: string, descriptor: number, flags = "O_RDWR|O_CREAT") =>
  `openat(AT_FDCWD</>, ${hex(path)}, ${flags}, 0600) = ${descriptor}`;

/** What lines of strace come to, in short. */
function read(...lines: string[]): string[] {
  const disk = new Disk();
  const said: string[] = [];
  for (const operation of new TraceOperations(disk, ROOT).read(lines)) {
    disk.apply(operation);
    said.push(short(disk, operation));
  }
  return said;
}

function short(disk: Disk, operation: Operation): string {
  switch (operation.kind) {
    case "said":
      return `said ${operation.line}`;
    case "entries":
      return operation.changes.map(({ name, node }) => `${node ? "+" : "-"}${name}`).join(" ");
    case "sync":
      return `sync ${disk.pathOf(operation.node)}`;
    case "truncate":
      return `cut ${disk.pathOf(operation.node)} to ${operation.size}`;
    case "write":
      return `${operation.bytes.toString()} into ${disk.pathOf(operation.node)}@${operation.offset}`;
  }
}

describe("a trace of strace", () => {
  it("is read as what it did to the files under the root, and what it said", () => {
    expect(
      read(
        `mkdir(${hex("/recorded/log")}, 0700) = 0`,
        opened("/recorded/log/a.new", 21),
        opened("/elsewhere/b", 22),
        `pwrite64(22</elsewhere/b>, ${hex("no")}, 2, 0) = 2`,
        `pwrite64(21</recorded/log/a.new>, ${hex("text")}, 4, 512) = 4`,
        `ftruncate(21</recorded/log/a.new>, 100) = 0`,
        `fdatasync(21</recorded/log/a.new>) = 0`,
        `write(1<pipe:[1]>, ${hex("done 1\ndone 2\n")}, 14) = 14`,
        `close(21</recorded/log/a.new>) = 0`,
        `rename(${hex("/recorded/log/a.new")}, ${hex("/recorded/log/a")}) = 0`,
        opened("/recorded/log", 21, "O_RDONLY"),
        `fsync(21</recorded/log>) = 0`,
        `unlink(${hex("/recorded/log/a")}) = 0`,
        "+++ killed by SIGKILL +++",
      ),
    ).toEqual([
      "+log",
      "+a.new",
      "text into log/a.new@512",
      "cut log/a.new to 100",
      "sync log/a.new",
      "said done 1",
      "said done 2",
      "-a.new +a",
      "sync log",
      "-a",
    ]);
  });

  it("takes of a short write no more than was written", () => {
    const lines = [opened("/recorded/a", 3), `pwrite64(3, ${hex("text")}, 4, 0) = 1`];
    expect(read(...lines)).toEqual(["+a", "t into a@0"]);
  });

  it.each([
    ["writev(3</recorded/a>, [{iov_base=0x1, iov_len=1}], 1) = 1", "writev on a"],
    ["dup(3</recorded/a>) = 4", "dup on a"],
    [`renameat2(AT_FDCWD, ${hex("/recorded/a")}, AT_FDCWD, ${hex("/b")}, 0) = 0`, "renameat2"],
    ["mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 3</recorded/a>, 0) = 0x7f00", "memory"],
    [`pwrite64(3</recorded/a>, ${hex("long")}..., 9000, 0) = 9000`, "shortened"],
  ])("is refused where it does what is not understood: %s", (line, message) => {
    expect(() => read(opened("/recorded/a", 3), line)).toThrow(message);
  });

  it("may hold shared memory of SQLite, which is not trusted after a crash", () => {
    const map =
      "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 3</recorded/a-shm>, 0) = 0x7f00";
    expect(read(opened("/recorded/a-shm", 3), map)).toEqual(["+a-shm"]);
  });
});
