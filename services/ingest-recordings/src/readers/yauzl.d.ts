/** The part of yauzl 3 that is used here; the package brings no types. */
declare module "yauzl" {
  import type { Readable } from "node:stream";

  interface Entry {
    readonly fileName: string;
    readonly uncompressedSize: number;
  }

  interface ZipFile {
    eachEntry(): AsyncIterable<Entry>;
    openReadStreamPromise(entry: Entry): Promise<Readable>;
    close(): void;
  }

  const yauzl: {
    openPromise(path: string, options?: { readonly autoClose?: boolean }): Promise<ZipFile>;
  };
  export default yauzl;
}
