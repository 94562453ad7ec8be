import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../services/platform/src/config/load-config.ts";
import { RESERVED_VARIABLES } from "../services/platform/src/config/reserved-variables.ts";
import { SECRETS, VARIABLE_DOCS } from "../services/platform/src/config/variables.ts";
import { envExample } from "./generate-env-example.ts";

const text = envExample();
const uncommented = parseEnv(text.replaceAll(/^#(?=[A-Z])/gm, ""));

describe(".env.example", () => {
  it("names every variable, and every name that is reserved", () => {
    const names = new Set([...Object.keys(VARIABLE_DOCS), ...Object.keys(RESERVED_VARIABLES)]);
    expect(Object.keys(uncommented).sort()).toEqual([...names].sort());
  });

  it("is the default configuration when every line is taken as it stands", () => {
    expect(loadConfig(uncommented)).toEqual(loadConfig({}));
  });

  it("shows no secret", () => {
    for (const name of SECRETS) expect(uncommented[name]).toBe("");
  });

  it("keeps what is reserved apart from what works, each with the reason", () => {
    const [working = "", reserved = ""] = text.split("# Reserved: read by nothing yet.");
    for (const [name, { doc, why }] of Object.entries(RESERVED_VARIABLES)) {
      expect(working).not.toContain(`#${name}=`);
      expect(reserved).toContain(`# ${doc}: ${why}\n#${name}=\n`);
    }
  });
});
