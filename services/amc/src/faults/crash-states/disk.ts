/** A file or directory; the same one whatever its name becomes. */
export interface DiskNode {
  readonly id: number;
  readonly kind: "file" | "directory";
}

export interface EntryChange {
  readonly directory: DiskNode;
  readonly name: string;
  /** Null when the name goes away. */
  readonly node: DiskNode | null;
}

/** What a process did to its files, in the order in which it did it. */
export type Operation = Change | Sync | { readonly kind: "said"; readonly line: string };

/** Not on the disk for certain before a sync of what it changes. */
export type Change =
  | {
      readonly kind: "write";
      readonly node: DiskNode;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: "truncate"; readonly node: DiskNode; readonly size: number }
  /** At once: a rename takes one name away and gives another. */
  | { readonly kind: "entries"; readonly changes: readonly EntryChange[] };

/** Of a file: its bytes and its size. Of a directory: the names in it. */
interface Sync {
  readonly kind: "sync";
  readonly node: DiskNode;
}

/** What a power loss makes of a change that was not synced. */
export type Fate =
  | "kept"
  | "lost"
  /** A write of which only some sectors reached the disk. */
  | {
      readonly sectorBytes: number;
      keeps(sector: number): boolean;
      /** What a lost sector behind the old end of the file holds. */
      readonly beyond: "nothing" | "zeros" | "noise";
      noise(): number;
    };

/** Files by path from the root; a directory has no bytes. */
export type DiskImage = ReadonlyMap<string, Uint8Array | "directory">;

const EMPTY = new Uint8Array(0);
const ROOT: DiskNode = { id: 0, kind: "directory" };

/**
 * A disk with a cache in front of it that keeps as few promises as POSIX does: what was not synced
 * may be lost, torn, or kept without what was written before it, and a name is a change of its
 * directory. Of one name, and of one place in a file, the older change never wins.
 */
export class Disk {
  #nextId = 1;
  readonly #files = new Map<number, Uint8Array>();
  readonly #directories = new Map<number, Map<string, DiskNode>>([[ROOT.id, new Map()]]);
  /** Every path as the running process sees it. */
  readonly #paths = new Map<string, DiskNode>([["", ROOT]]);
  readonly #pathOf = new Map<number, string>([[ROOT.id, ""]]);
  #pending: Change[] = [];

  /** A disk on which all of an image is durable. */
  static holding(image: DiskImage): Disk {
    const disk = new Disk();
    for (const path of [...image.keys()].sort()) {
      const content = image.get(path) ?? EMPTY;
      const node = disk.newNode(content === "directory" ? "directory" : "file");
      disk.apply({ kind: "entries", changes: [disk.entry(path, node)] });
      if (content !== "directory") disk.#files.set(node.id, content);
    }
    for (const change of disk.#pending) disk.#settle(change);
    disk.#pending = [];
    return disk;
  }

  newNode(kind: DiskNode["kind"]): DiskNode {
    return { id: this.#nextId++, kind };
  }

  /** What a path names for the running process. */
  at(path: string): DiskNode | undefined {
    return this.#paths.get(path);
  }

  /** The path of a node for the running process; undefined once it has none. */
  pathOf(node: DiskNode): string | undefined {
    return this.#pathOf.get(node.id);
  }

  /** A change of what a path names. */
  entry(path: string, node: DiskNode | null): EntryChange {
    const slash = path.lastIndexOf("/");
    const directory = this.#paths.get(slash < 0 ? "" : path.slice(0, slash));
    if (directory?.kind !== "directory") throw new Error(`${path} lies in no known directory`);
    return { directory, name: path.slice(slash + 1), node };
  }

  /** Everything a power loss may undo now, oldest first. */
  get pending(): readonly Change[] {
    return this.#pending;
  }

  apply(operation: Operation): void {
    if (operation.kind === "said") return;
    if (operation.kind === "sync") {
      this.#sync(operation.node);
      return;
    }
    if (operation.kind === "entries") this.#rename(operation.changes);
    this.#pending.push(operation);
  }

  /** The disk after a power loss that did to each pending change what `fates` says. */
  image(fates: readonly Fate[]): DiskImage {
    const directories = new Map<number, Map<string, DiskNode>>();
    for (const [id, entries] of this.#directories) directories.set(id, new Map(entries));
    const fated = new Map<number, FatedChange[]>();
    for (const [index, change] of this.#pending.entries()) {
      const fate = fates[index] ?? "lost";
      if (change.kind !== "entries") {
        const changes = fated.get(change.node.id) ?? [];
        changes.push({ change, fate });
        fated.set(change.node.id, changes);
      } else if (fate === "kept") {
        changeEntries(directories, change.changes);
      }
    }
    const image = new Map<string, Uint8Array | "directory">();
    this.#walk(ROOT, "", directories, (path, node) => {
      const durable = this.#files.get(node.id) ?? EMPTY;
      const changes = fated.get(node.id) ?? [];
      image.set(path, node.kind === "directory" ? "directory" : contentOf(durable, changes));
    });
    return image;
  }

  #walk(
    directory: DiskNode,
    prefix: string,
    directories: ReadonlyMap<number, ReadonlyMap<string, DiskNode>>,
    visit: (path: string, node: DiskNode) => void,
  ): void {
    for (const [name, node] of directories.get(directory.id) ?? []) {
      const path = `${prefix}${name}`;
      visit(path, node);
      if (node.kind === "directory") this.#walk(node, `${path}/`, directories, visit);
    }
  }

  #rename(changes: readonly EntryChange[]): void {
    for (const { directory, name, node } of changes) {
      const parent = this.#pathOf.get(directory.id);
      if (parent === undefined) throw new Error(`the directory of ${name} is gone`);
      const path = parent === "" ? name : `${parent}/${name}`;
      const old = this.#paths.get(path);
      if (old !== undefined && this.#pathOf.get(old.id) === path) this.#pathOf.delete(old.id);
      if (node === null) this.#paths.delete(path);
      else this.#paths.set(path, node);
      if (node !== null) this.#pathOf.set(node.id, path);
    }
  }

  #sync(node: DiskNode): void {
    const left: Change[] = [];
    for (const change of this.#pending) {
      const isSynced =
        change.kind === "entries"
          ? change.changes.some(({ directory }) => directory.id === node.id)
          : change.node.id === node.id;
      if (!isSynced) left.push(change);
      else if (change.kind === "entries") this.#settle(change);
    }
    if (node.kind === "file") {
      const changes = this.#pending.flatMap((change): FatedChange[] =>
        change.kind !== "entries" && change.node.id === node.id ? [{ change, fate: "kept" }] : [],
      );
      this.#files.set(node.id, contentOf(this.#files.get(node.id) ?? EMPTY, changes));
    }
    this.#pending = left;
  }

  #settle(change: Change): void {
    if (change.kind === "entries") changeEntries(this.#directories, change.changes);
  }
}

function changeEntries(
  directories: Map<number, Map<string, DiskNode>>,
  changes: readonly EntryChange[],
): void {
  for (const { directory, name, node } of changes) {
    const entries = directories.get(directory.id) ?? new Map<string, DiskNode>();
    directories.set(directory.id, entries);
    if (node === null) entries.delete(name);
    else entries.set(name, node);
  }
}

interface FatedChange {
  readonly change: Exclude<Change, { readonly kind: "entries" }>;
  readonly fate: Fate;
}

/** Bytes of a file; a new array whenever anything changed, because images are kept. */
function contentOf(durable: Uint8Array, changes: readonly FatedChange[]): Uint8Array {
  if (changes.length === 0) return durable;
  const ends = changes.map(({ change }) =>
    change.kind === "write" ? change.offset + change.bytes.length : change.size,
  );
  const bytes = new Uint8Array(Math.max(durable.length, ...ends));
  bytes.set(durable);
  let size = durable.length;
  for (const { change, fate } of changes) {
    if (fate === "lost") continue;
    if (change.kind === "truncate") {
      if (change.size < size) bytes.fill(0, change.size, size);
      size = change.size;
    } else if (fate === "kept") {
      bytes.set(change.bytes, change.offset);
      size = Math.max(size, change.offset + change.bytes.length);
    } else {
      size = tear(bytes, size, change.offset, change.bytes, fate);
    }
  }
  return bytes.subarray(0, size);
}

/** Writes what the torn write leaves; the size of the file after it. */
function tear(
  bytes: Uint8Array,
  size: number,
  offset: number,
  written: Uint8Array,
  fate: Exclude<Fate, string>,
): number {
  const end = offset + written.length;
  let newSize = size;
  for (let at = offset; at < end; ) {
    const sector = Math.floor(at / fate.sectorBytes);
    const next = Math.min(end, (sector + 1) * fate.sectorBytes);
    if (fate.keeps(sector)) {
      bytes.set(written.subarray(at - offset, next - offset), at);
      newSize = Math.max(newSize, next);
    } else if (fate.beyond !== "nothing") {
      const from = Math.max(at, size);
      if (fate.beyond === "noise") for (let i = from; i < next; i++) bytes[i] = fate.noise();
      newSize = Math.max(newSize, next);
    }
    at = next;
  }
  return newSize;
}
