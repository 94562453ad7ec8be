import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { KeysError } from "./keys-error.ts";
import type { MasterKey } from "./master-key.ts";

/** A provider's key as it is stored: what can be read is authenticated, the key itself encrypted. */
export interface SealedKey {
  /** The variable that it stands for, such as `POLYGON_API_KEY`. */
  readonly name: string;
  /** Of the master key it is sealed under. */
  readonly keyId: string;
  /** ISO, UTC. */
  readonly sealedAt: string;
  /** 12 bytes, base64; new with every sealing. */
  readonly nonce: string;
  /** Ciphertext and then the tag of 16 bytes, base64. */
  readonly sealed: string;
}

type Header = Pick<SealedKey, "name" | "keyId" | "sealedAt">;

const CIPHER = "aes-256-gcm";
/** NIST SP 800-38D: 96 random bits, good for far more sealings than anybody makes. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TAG = { authTagLength: TAG_BYTES } as const;

export function sealKey(
  name: string,
  secret: string,
  master: MasterKey,
  sealedAt: string,
): SealedKey {
  const header = { name, keyId: master.id, sealedAt };
  const nonce = randomBytes(NONCE_BYTES);
  const sealed = encrypt(master.bytes, nonce, headerBytes(header), Buffer.from(secret));
  return { ...header, nonce: nonce.toString("base64"), sealed: sealed.toString("base64") };
}

/** The provider's key. Throws `keys.unknown-key-id`, `keys.tampered`. */
export function openKey(stored: SealedKey, masters: readonly MasterKey[]): string {
  const { name, keyId } = stored;
  const master = masters.find(({ id }) => id === keyId);
  if (master === undefined) {
    const message = `${name} is sealed under the master key ${keyId}, which is not given`;
    throw new KeysError("keys.unknown-key-id", message, { name, keyId });
  }
  const nonce = Buffer.from(stored.nonce, "base64");
  const sealed = Buffer.from(stored.sealed, "base64");
  try {
    return decrypt(master.bytes, nonce, headerBytes(stored), sealed).toString();
  } catch (error) {
    const message = `${name} was changed after it was sealed: store it again (amc keys set ${name})`;
    throw new KeysError("keys.tampered", message, { name, keyId }, { cause: error });
  }
}

/** What the tag also vouches for, so that no key can be passed off as another one's. */
function headerBytes({ name, keyId, sealedAt }: Header): Buffer {
  return Buffer.from(JSON.stringify(["amc.provider-key.v1", name, keyId, sealedAt]));
}

/** Ciphertext and tag. */
export function encrypt(key: Buffer, nonce: Buffer, aad: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonce, TAG).setAAD(aad);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Throws when a bit of anything differs. */
export function decrypt(key: Buffer, nonce: Buffer, aad: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv(CIPHER, key, nonce, TAG).setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
}
