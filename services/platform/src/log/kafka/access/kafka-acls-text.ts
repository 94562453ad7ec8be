import { type Grant, principalOf } from "./grants.ts";

/**
 * A grant as the words of `kafka-acls.sh`, without the addresses of the brokers and how to log in,
 * which stand before them.
 */
function aclWords({ role, resource, operations, pattern, names }: Grant): string[] {
  return [
    "--add",
    ...["--allow-principal", `User:${principalOf(role)}`],
    ...operations.flatMap((operation) => ["--operation", operation]),
    ...(pattern === "prefixed" ? ["--resource-pattern-type", "prefixed"] : []),
    ...names.flatMap((name) => [`--${resource}`, name]),
  ];
}

/** A shell script of all grants; administrators run it with BROKERS and ADMIN_CONFIG set. */
export function aclScript(grants: readonly Grant[]): string {
  const commands = grants.map((grant) => {
    const words = aclWords(grant).map((word) => (word === "*" ? "'*'" : word));
    return `acls ${words.join(" ").replaceAll(/ (--(?:operation|topic|group|transactional-id|resource-pattern-type) )/g, " \\\n  $1")}`;
  });
  return `${HEAD}\n${commands.join("\n\n")}\n`;
}

const HEAD = `#!/bin/sh
# Written by: npm run --silent amc -- topics acls > infra/kafka/acls.sh
# What each principal of this system may do on a cluster that asks for rights
# (authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer). May be repeated.
#
#   BROKERS=kafka-1:9093 ADMIN_CONFIG=admin.properties sh infra/kafka/acls.sh
set -eu
acls() { kafka-acls.sh --bootstrap-server "$BROKERS" --command-config "$ADMIN_CONFIG" "$@"; }
`;
