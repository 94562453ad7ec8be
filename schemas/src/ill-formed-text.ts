/**
 * Path of the first string that holds a lone surrogate, or null. Such text cannot be UTF-8: avsc
 * writes it as broken bytes or, when longer than 64 bytes, silently as U+FFFD.
 */
export function illFormedField(value: unknown, path = ""): string | null {
  if (typeof value === "string") return value.isWellFormed() ? null : path;
  if (typeof value !== "object" || value === null) return null;
  for (const [name, part] of Object.entries(value)) {
    const inside = Array.isArray(value) ? path : path === "" ? name : `${path}.${name}`;
    const found = illFormedField(part, inside);
    if (found !== null) return found;
  }
  return null;
}
