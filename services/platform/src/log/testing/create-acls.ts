import {
  AclOperations,
  AclPermissionTypes,
  Admin,
  ResourcePatternTypes,
  ResourceTypes,
} from "@platformatic/kafka";
import { type Grant, principalOf } from "../kafka/access/grants.ts";
import { clientOptions, type KafkaConnection } from "../kafka/client-options.ts";

const RESOURCE = {
  topic: ResourceTypes.TOPIC,
  group: ResourceTypes.GROUP,
  "transactional-id": ResourceTypes.TRANSACTIONAL_ID,
} as const;
const OPERATION = {
  All: AclOperations.ALL,
  Describe: AclOperations.DESCRIBE,
  DescribeConfigs: AclOperations.DESCRIBE_CONFIGS,
  Read: AclOperations.READ,
  Write: AclOperations.WRITE,
} as const;

/** Grants what the printed script would, by the protocol: Kafka's own tool starts a Java for each. */
export async function createAcls(
  connection: KafkaConnection,
  granted: readonly Grant[],
): Promise<void> {
  const admin = new Admin(clientOptions(connection));
  await admin.createAcls({
    creations: granted.flatMap(({ role, resource, pattern, names, operations }) =>
      names.flatMap((name) =>
        operations.map((operation) => ({
          resourceType: RESOURCE[resource],
          resourceName: name,
          resourcePatternType:
            pattern === "prefixed" ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
          principal: `User:${principalOf(role)}`,
          host: "*",
          operation: OPERATION[operation],
          permissionType: AclPermissionTypes.ALLOW,
        })),
      ),
    ),
  });
  await admin.close();
}
