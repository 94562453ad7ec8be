import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate that signs itself, so that it is its own authority; for a few days and loopback only. */
export interface Certificate {
  /** For clients that are to trust it. */
  readonly pem: string;
  /** PKCS 12: key and certificate. */
  readonly keyStore: string;
  /** PKCS 12: the certificate alone, as trusted. */
  readonly trustStore: string;
  readonly password: string;
}

/** Made with the keytool that every Java has, in a folder of the test's own. */
export function makeCertificate(folder: string, name: string): Certificate {
  const password = "for-a-test-only";
  const keyStore = join(folder, `${name}.p12`);
  const trustStore = join(folder, `${name}-trust.p12`);
  const pemFile = join(folder, `${name}.pem`);
  const store = (path: string) => ["-keystore", path, "-storepass", password];
  keytool(
    ...["-genkeypair", "-alias", name, "-keyalg", "EC", "-groupname", "secp256r1"],
    ...["-dname", `CN=${name}`, "-ext", "san=ip:127.0.0.1,dns:localhost", "-validity", "3"],
    ...["-storetype", "PKCS12", ...store(keyStore)],
  );
  keytool("-exportcert", "-rfc", "-alias", name, "-file", pemFile, ...store(keyStore));
  keytool(
    ...["-importcert", "-noprompt", "-alias", name, "-file", pemFile],
    ...["-storetype", "PKCS12", ...store(trustStore)],
  );
  return { pem: readFileSync(pemFile, "utf8"), keyStore, trustStore, password };
}

function keytool(...words: string[]): void {
  execFileSync("keytool", words, { stdio: ["ignore", "ignore", "pipe"] });
}
