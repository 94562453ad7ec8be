import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../services/platform/src/config/load-config.ts";
import { SECRETS, VARIABLE_DOCS } from "../services/platform/src/config/variables.ts";
import { envExample } from "./generate-env-example.ts";

const uncommented = parseEnv(envExample().replaceAll(/^#(?=[A-Z])/gm, ""));

describe(".env.example", () => {
  it("names every variable", () => {
    expect(Object.keys(uncommented).sort()).toEqual(Object.keys(VARIABLE_DOCS).sort());
  });

  it("is the default configuration when every line is taken as it stands", () => {
    expect(loadConfig(uncommented)).toEqual(loadConfig({}));
  });

  it("shows no secret", () => {
    for (const name of SECRETS) expect(uncommented[name]).toBe("");
  });
});
