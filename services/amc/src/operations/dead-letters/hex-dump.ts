const BYTES_PER_LINE = 16;

/** Offset, bytes and printable characters, sixteen bytes a line, as `xxd` and `hexdump -C` do. */
export function hexDump(bytes: Uint8Array, mostBytes: number): string[] {
  const shown = bytes.subarray(0, mostBytes);
  const lines: string[] = [];
  for (let at = 0; at < shown.length; at += BYTES_PER_LINE) {
    const line = shown.subarray(at, at + BYTES_PER_LINE);
    const hex = Array.from(line, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = Array.from(line, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
    ).join("");
    lines.push(
      `${at.toString(16).padStart(8, "0")}  ${hex.padEnd(BYTES_PER_LINE * 3 - 1)}  ${text}`,
    );
  }
  const hidden = bytes.length - shown.length;
  if (hidden > 0) lines.push(`… and ${hidden} more bytes; --json has all of them`);
  return lines;
}
