/** One system call as strace prints it with `-xx`: every text in hexadecimal. */
export interface SystemCall {
  readonly name: string;
  readonly args: readonly string[];
  readonly result: number;
}

const CALL = /^(\w+)\((.*)\)\s+= (-?\d+)/;

/** Null for what is no completed call: signals, the end of the process. */
export function parseCall(line: string): SystemCall | null {
  const [, name, args, result] = CALL.exec(line) ?? [];
  if (name === undefined || args === undefined) return null;
  // In hexadecimal no text holds a comma.
  return { name, args: args.split(", "), result: Number(result) };
}

/** The bytes of a text argument. */
export function bytesOf(arg: string | undefined): Buffer {
  const [, hex] = /^"((?:\\x[0-9a-f]{2})*)"$/.exec(arg ?? "") ?? [];
  if (hex === undefined) throw new Error(`strace shortened a text: ${String(arg).slice(-40)}`);
  return Buffer.from(hex.replaceAll("\\x", ""), "hex");
}

/** A text as strace prints it, to look for in a line. */
export function inHexadecimal(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(
    "",
  );
}

/** The number of a file descriptor, which `-y` prints with its path. */
export function descriptorOf(arg: string | undefined): number {
  return Number.parseInt(arg ?? "", 10);
}
