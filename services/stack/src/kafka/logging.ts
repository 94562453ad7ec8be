/**
 * What the broker logs, on standard output: its own start and what goes wrong. Its request log at
 * INFO would be most of the disk.
 */
export const LOG4J_SETTINGS = `status = WARN
appender.console.type = Console
appender.console.name = STDOUT
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601}{UTC} %p %m (%c{1})%n
rootLogger.level = INFO
rootLogger.appenderRef.stdout.ref = STDOUT
logger.config.name = org.apache.kafka.common.config
logger.config.level = WARN
logger.values.name = kafka.server.KafkaConfig
logger.values.level = WARN
`;
