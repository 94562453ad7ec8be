import { isAbsolute, relative, resolve } from "node:path";
import type { Disk, DiskNode, Operation } from "./disk.ts";
import { bytesOf, descriptorOf, parseCall, type SystemCall } from "./trace-syntax.ts";

const STDOUT = 1;

/** Calls that change files in ways that are not read here: refused on a file of ours. */
const OTHER_CALLS_WITH_PATHS = new Set([
  ...["open", "creat", "truncate", "mkdirat", "renameat", "renameat2"],
  ...["link", "linkat", "symlink", "symlinkat"],
]);

/** Every call that may change a file or tell when it is durable. */
export const TRACED_CALLS: readonly string[] = [
  ...OTHER_CALLS_WITH_PATHS,
  ...["openat", "close", "dup", "dup2", "dup3", "mmap", "fsync", "fdatasync", "sync_file_range"],
  ...["write", "pwrite64", "writev", "pwritev", "pwritev2", "copy_file_range", "sendfile"],
  ...["ftruncate", "fallocate", "rename", "unlink", "unlinkat", "mkdir", "rmdir"],
];

/** SQLite shares it between processes as memory, which no trace shows, and never trusts it. */
export const SHARED_MEMORY = /-shm$/;

/**
 * The operations of one process on the files under `root`, from its trace. What is yielded must be
 * applied to the disk before the next one is asked for: later calls name what earlier ones made.
 */
export class TraceOperations {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #open = new Map<number, DiskNode>();

  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.#root = root;
  }

  *read(lines: Iterable<string>): Generator<Operation> {
    for (const line of lines) {
      const call = parseCall(line);
      if (call !== null && call.result >= 0) yield* this.#operations(call);
    }
  }

  *#operations(call: SystemCall): Generator<Operation> {
    const { name, args } = call;
    if (name === "openat") yield* this.#opened(call);
    else if (name === "mkdir") yield* this.#made(args[0], "directory");
    else if (name === "unlink" || name === "rmdir") yield* this.#removed(args[0]);
    else if (name === "unlinkat") yield* this.#removed(args[1]);
    else if (name === "rename") yield* this.#renamed(args[0], args[1]);
    else if (name === "write" && descriptorOf(args[0]) === STDOUT) {
      for (const line of bytesOf(args[1]).toString("utf8").trimEnd().split("\n")) {
        yield { kind: "said", line };
      }
    } else if (name === "mmap") this.#mapped(args);
    else if (OTHER_CALLS_WITH_PATHS.has(name)) this.#refuse(call);
    else yield* this.#onDescriptor(call);
  }

  *#onDescriptor({ name, args, result }: SystemCall): Generator<Operation> {
    const descriptor = descriptorOf(args[0]);
    const node = this.#open.get(descriptor);
    if (node === undefined) return;
    if (name === "close") this.#open.delete(descriptor);
    else if (name === "fsync" || name === "fdatasync") yield { kind: "sync", node };
    else if (name === "ftruncate") yield { kind: "truncate", node, size: Number(args[1]) };
    else if (name === "pwrite64") {
      const bytes = bytesOf(args[1]).subarray(0, result);
      yield { kind: "write", node, offset: Number(args[3]), bytes };
    } else throw new Error(`${name} on ${this.#disk.pathOf(node)} is not understood here`);
  }

  #refuse({ name, args }: SystemCall): void {
    const paths = args.filter((arg) => arg.startsWith('"'));
    if (paths.every((arg) => this.#path(arg) === undefined)) return;
    throw new Error(`${name} on files of the log is not understood here`);
  }

  *#opened({ args, result }: SystemCall): Generator<Operation> {
    const path = this.#path(args[1]);
    if (path === undefined) return;
    const flags = args[2] ?? "";
    const known = this.#disk.at(path);
    if (known === undefined) {
      if (!flags.includes("O_CREAT")) throw new Error(`${path} was opened but never made`);
      yield* this.#made(args[1], "file");
    } else if (flags.includes("O_TRUNC")) {
      yield { kind: "truncate", node: known, size: 0 };
    }
    const node = this.#disk.at(path);
    if (node !== undefined) this.#open.set(result, node);
  }

  *#made(arg: string | undefined, kind: DiskNode["kind"]): Generator<Operation> {
    const path = this.#path(arg);
    if (path === undefined) return;
    yield { kind: "entries", changes: [this.#disk.entry(path, this.#disk.newNode(kind))] };
  }

  *#removed(arg: string | undefined): Generator<Operation> {
    const path = this.#path(arg);
    if (path === undefined) return;
    yield { kind: "entries", changes: [this.#disk.entry(path, null)] };
  }

  *#renamed(fromArg: string | undefined, toArg: string | undefined): Generator<Operation> {
    const from = this.#path(fromArg);
    const to = this.#path(toArg);
    if (from === undefined || to === undefined) return;
    const node = this.#disk.at(from);
    if (node?.kind !== "file") throw new Error(`${from} was renamed and is no known file`);
    const changes = [this.#disk.entry(from, null), this.#disk.entry(to, node)];
    yield { kind: "entries", changes };
  }

  #mapped(args: readonly string[]): void {
    const node = this.#open.get(descriptorOf(args[4]));
    const isShared = args[3]?.includes("MAP_SHARED") && args[2]?.includes("PROT_WRITE");
    const path = node === undefined ? undefined : this.#disk.pathOf(node);
    if (path === undefined || isShared !== true || SHARED_MEMORY.test(path)) return;
    throw new Error(`${path} is written through memory, which a trace does not show`);
  }

  /** From the root, which itself is ""; undefined outside. */
  #path(arg: string | undefined): string | undefined {
    const path = relative(this.#root, resolve(bytesOf(arg).toString("utf8")));
    return path.startsWith("..") || isAbsolute(path) ? undefined : path;
  }
}
