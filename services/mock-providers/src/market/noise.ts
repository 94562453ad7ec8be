/** A number that is the same for the same text on every machine (FNV-1a, public domain). */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * Numbers from 0 up to 1 by name and index, in any order: the same question gets the same answer, however
 * often and whenever it is asked.
 */
export function noiseOf(name: string): (index: number) => number {
  const seed = seedOf(name);
  return (index) => {
    let mixed = (seed + Math.imul(index + 1, 0x9e3779b1)) | 0;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 4294967296;
  };
}

/** From -1 to 1, about as often near 0 as returns are: the mean of three. */
export function centred(noise: (index: number) => number, index: number): number {
  return (2 * (noise(3 * index) + noise(3 * index + 1) + noise(3 * index + 2))) / 3 - 1;
}
