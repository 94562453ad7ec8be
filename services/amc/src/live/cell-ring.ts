/**
 * Which of the newest cells of time are taken, a bit each: as many as it has, however many come. A cell
 * from before them is taken, or forgotten for good.
 */
export class CellRing {
  readonly #bits: Uint8Array;
  #newest = Number.NEGATIVE_INFINITY;

  constructor(cells: number) {
    this.#bits = new Uint8Array(Math.ceil(cells / 8));
  }

  get #cells(): number {
    return this.#bits.length * 8;
  }

  has(cell: number): boolean {
    if (cell > this.#newest) return false;
    if (cell <= this.#newest - this.#cells) return true;
    const [byte, bit] = this.#place(cell);
    return ((this.#bits[byte] ?? 0) & bit) !== 0;
  }

  add(cell: number): void {
    if (cell > this.#newest) this.#moveTo(cell);
    else if (cell <= this.#newest - this.#cells) return;
    const [byte, bit] = this.#place(cell);
    this.#bits[byte] = (this.#bits[byte] ?? 0) | bit;
  }

  /** Cells that come into reach are free: what stood in their places is out of it. */
  #moveTo(cell: number): void {
    if (cell - this.#newest >= this.#cells) this.#bits.fill(0);
    else {
      for (let passed = this.#newest + 1; passed <= cell; passed += 1) {
        const [byte, bit] = this.#place(passed);
        this.#bits[byte] = (this.#bits[byte] ?? 0) & ~bit;
      }
    }
    this.#newest = cell;
  }

  #place(cell: number): readonly [number, number] {
    const at = ((cell % this.#cells) + this.#cells) % this.#cells;
    return [at >> 3, 1 << (at & 7)];
  }
}
