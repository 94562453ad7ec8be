import type { readList } from "../artefacts/lists.ts";
import type { Java } from "../java.ts";

export type EditionName = "java17" | "java21";

/** A line of Apicurio Registry with what it takes to run it. */
export interface Edition {
  readonly name: EditionName;
  readonly javaVersion: number;
  readonly list: Parameters<typeof readList>[0];
  /** To be started, from its folder. */
  readonly jar: string;
  readonly environment: (databaseUrl: string) => Readonly<Record<string, string>>;
}

/** They cannot read each other's data. */
export const EDITIONS: Readonly<Record<EditionName, Edition>> = {
  java17: {
    name: "java17",
    javaVersion: 17,
    list: "registryJava17",
    jar: "apicurio-registry-app-2.6.13.Final-runner.jar",
    environment: (databaseUrl) => ({
      REGISTRY_DATASOURCE_URL: databaseUrl,
      LOG_LEVEL: "WARN",
    }),
  },
  java21: {
    name: "java21",
    javaVersion: 21,
    list: "registryJava21",
    jar: "quarkus-run.jar",
    environment: (databaseUrl) => ({
      APICURIO_STORAGE_KIND: "sql",
      APICURIO_STORAGE_SQL_KIND: "h2",
      APICURIO_DATASOURCE_URL: databaseUrl,
      APICURIO_DATASOURCE_USERNAME: "sa",
      APICURIO_DATASOURCE_PASSWORD: "sa",
    }),
  },
};

/**
 * The edition to run and the Java to run it with, the newer edition first.
 *
 * @param made the edition whose data is there; no other will do then
 */
export function editionFor(
  javas: readonly Java[],
  made: EditionName | null,
): { readonly edition: Edition; readonly java: Java } | null {
  const wanted = made === null ? [EDITIONS.java21, EDITIONS.java17] : [EDITIONS[made]];
  for (const edition of wanted) {
    const java = javas.find(({ majorVersion }) => majorVersion >= edition.javaVersion);
    if (java !== undefined) return { edition, java };
  }
  return null;
}
