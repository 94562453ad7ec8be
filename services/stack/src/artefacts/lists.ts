import { ARTEFACT_LIST, type ArtefactList } from "./artefact.ts";
import consumeJava from "./consume-java.json" with { type: "json" };
import kafka from "./kafka.json" with { type: "json" };
import registryJava17 from "./registry-java17.json" with { type: "json" };
import registryJava21 from "./registry-java21.json" with { type: "json" };

const LISTS = { consumeJava, kafka, registryJava17, registryJava21 };

/** Written by `services/stack/scripts/write-artefacts.ts`. */
export function readList(name: keyof typeof LISTS): ArtefactList {
  return ARTEFACT_LIST.parse(LISTS[name]);
}
