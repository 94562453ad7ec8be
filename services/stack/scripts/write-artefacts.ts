import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Artefact, ArtefactList } from "../src/artefacts/artefact.ts";
import { VERSIONS } from "../src/versions.ts";

/**
 * Writes the lists of artefacts for the versions in `versions.ts`: which files, how large, with which
 * SHA-256. Needs Maven, which alone knows what Kafka depends on and checks what it fetches against the
 * repository's own checksums; nobody else needs it.
 *
 *   node services/stack/scripts/write-artefacts.ts
 */

const ARTEFACTS = join(import.meta.dirname, "..", "src", "artefacts");

interface Dependency {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly type?: string;
  readonly classifier?: string;
  readonly without?: readonly string[];
}

const REGISTRY = {
  group: "io.apicurio",
  artifact: "apicurio-registry-app",
  type: "tar.gz",
  classifier: "all",
  // What the archive was built from is inside it.
  without: ["*:*"],
} as const;

function pomOf(dependencies: readonly Dependency[]): string {
  const element = (name: string, text: string | undefined) =>
    text === undefined ? "" : `<${name}>${text}</${name}>`;
  const entries = dependencies.map(
    ({ group, artifact, version, type, classifier, without = [] }) => {
      const exclusions = without.map((name) => {
        const [excludedGroup = "*", excludedArtifact = "*"] = name.split(":");
        return `<exclusion>${element("groupId", excludedGroup)}${element("artifactId", excludedArtifact)}</exclusion>`;
      });
      return [
        "<dependency>",
        element("groupId", group),
        element("artifactId", artifact),
        element("version", version),
        element("type", type),
        element("classifier", classifier),
        element("exclusions", exclusions.length === 0 ? undefined : exclusions.join("")),
        "</dependency>",
      ].join("");
    },
  );
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>',
    "<groupId>amc</groupId><artifactId>artefacts</artifactId><version>1</version>",
    `<dependencies>${entries.join("")}</dependencies></project>`,
  ].join("\n");
}

function resolve(version: string, dependencies: readonly Dependency[]): ArtefactList {
  const directory = mkdtempSync(join(tmpdir(), "amc-artefacts-"));
  try {
    writeFileSync(join(directory, "pom.xml"), pomOf(dependencies));
    const output = join(directory, "files");
    const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
    const switches = ["-DincludeScope=runtime", "-Dmdep.useRepositoryLayout=true"];
    execFileSync(
      "mvn",
      ["-q", "-B", "-f", directory, goal, `-DoutputDirectory=${output}`, ...switches],
      { stdio: "inherit" },
    );
    const files = globSync("**/*.{jar,tar.gz}", { cwd: output }).sort();
    return { version, files: files.map((path) => describeFile(output, path)) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function describeFile(root: string, path: string): Artefact {
  const content = readFileSync(join(root, path));
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { path: path.split("\\").join("/"), bytes: statSync(join(root, path)).size, sha256 };
}

function write(name: string, list: ArtefactList): void {
  writeFileSync(join(ARTEFACTS, `${name}.json`), `${JSON.stringify(list, null, 2)}\n`);
  process.stdout.write(`${name}: ${list.files.length} file(s)\n`);
}

const { avro, jackson, kafka, log4j, registryJava17, registryJava21 } = VERSIONS;
write(
  "kafka",
  resolve(kafka, [
    { group: "org.apache.kafka", artifact: "kafka_2.13", version: kafka },
    {
      group: "org.apache.kafka",
      artifact: "kafka-tools",
      version: kafka,
      // Kafka Connect, which nothing here runs, would double the number of files.
      without: ["*:connect-runtime", "*:connect-api", "*:connect-json"],
    },
    { group: "org.apache.logging.log4j", artifact: "log4j-slf4j-impl", version: log4j },
  ]),
);
write("registry-java17", resolve(registryJava17, [{ ...REGISTRY, version: registryJava17 }]));
write("registry-java21", resolve(registryJava21, [{ ...REGISTRY, version: registryJava21 }]));
write(
  "consume-java",
  resolve(avro, [
    { group: "org.apache.kafka", artifact: "kafka-clients", version: kafka },
    // Before Avro: where two are as near, Maven takes the first.
    { group: "com.fasterxml.jackson.core", artifact: "jackson-databind", version: jackson },
    { group: "org.apache.avro", artifact: "avro", version: avro },
  ]),
);
