import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { ProviderError } from "./provider-error.ts";

/** Anything that gives bytes piece by piece. */
type ByteSource = AsyncIterable<Uint8Array> | Readable;

/**
 * The whole body, decoded. Throws `provider.body-too-large` as soon as more than `maxBytes` came,
 * before or after decoding, so that a bomb costs no more memory than its cap.
 */
export async function readBody(
  body: ByteSource,
  isGzip: boolean,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const collect = async (source: AsyncIterable<unknown>) => {
    for await (const part of capped(source, maxBytes)) parts.push(part);
  };
  const wire = Readable.from(capped(body, maxBytes));
  if (isGzip) await pipeline(wire, createGunzip(), collect, { signal });
  else await pipeline(wire, collect, { signal });
  return Buffer.concat(parts);
}

async function* capped(source: AsyncIterable<unknown>, maxBytes: number) {
  let bytes = 0;
  for await (const part of source) {
    if (!(part instanceof Uint8Array)) continue;
    bytes += part.length;
    if (bytes > maxBytes) {
      const message = `the answer is larger than ${maxBytes} bytes`;
      throw new ProviderError("provider.body-too-large", message, { maxBytes });
    }
    yield part;
  }
}
