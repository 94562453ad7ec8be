import { describe, expect, it } from "vitest";
import { checkTarget } from "./call-target.ts";
import { isProviderError } from "./provider-error.ts";
import { isPublicAddress } from "./public-address.ts";

const NOT_PUBLIC = [
  ..."0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1".split(" "),
  ..."172.31.255.255 192.0.0.1 192.168.1.1 198.18.0.1 203.0.113.9 224.0.0.1 255.255.255.255".split(
    " ",
  ),
  ...":: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 fc00::1 fd12:3456::1 fe80::1".split(
    " ",
  ),
  ..."fec0::1 ff02::1 2001:db8::1 2001::1 2002:7f00:1:: 3fff::1 5f00::1".split(" "),
];
const PUBLIC =
  "1.1.1.1 8.8.8.8 100.63.255.255 172.15.0.1 172.32.0.1 193.0.0.1 2606:4700::1111 2001:4860:4860::8888";

describe("an address", () => {
  it.each(NOT_PUBLIC)("%s is not public", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(PUBLIC.split(" "))("%s is public", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it("that is none is not public", () => {
    expect(["", "localhost", "1.2.3", "example.com"].filter(isPublicAddress)).toEqual([]);
  });
});

describe("a target", () => {
  const refused = (url: string, trusted: readonly string[] = []) => {
    try {
      checkTarget(new URL(url), new Set(trusted));
      return false;
    } catch (error) {
      return isProviderError(error, "provider.address");
    }
  };

  it.each([
    "http://127.0.0.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[fd00::1]/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://169.254.169.254/latest/meta-data/",
    "https://user@example.com/",
    "https://user:key@example.com/",
    "https://example.com:8443/",
    "http://example.com:22/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "ftp://example.com/",
    "data:text/plain,hello",
  ])("%s is refused before anything is resolved (B12)", (url) => {
    expect(refused(url)).toBe(true);
  });

  it("of the public internet passes, on the ports of the web only", () => {
    expect(
      ["https://example.com/a?b=c", "http://example.com/", "http://1.1.1.1/"].filter((url) =>
        refused(url),
      ),
    ).toEqual([]);
  });

  it("that the operator named passes, and nothing else on its host", () => {
    expect(refused("http://127.0.0.1:8080/x", ["http://127.0.0.1:8080"])).toBe(false);
    expect(refused("http://127.0.0.1:8081/x", ["http://127.0.0.1:8080"])).toBe(true);
    expect(refused("http://user@127.0.0.1:8080/x", ["http://127.0.0.1:8080"])).toBe(true);
  });
});
