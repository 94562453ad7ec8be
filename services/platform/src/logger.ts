import { type DestinationStream, type Logger, pino } from "pino";

/** Longest field of a log line; anything more is somebody else's text. */
const FIELD_CHARACTERS_MAX = 8_192;

/** Fields that may hold a secret wherever they stand. */
const REDACTED = [
  "password",
  "*.password",
  "connectionString",
  "*.connectionString",
  "authorization",
  "*.authorization",
  "req.headers.authorization",
  'req.headers["x-api-key"]',
  'req.headers["x-amc-control-token"]',
];

/** One JSON object per line on stderr; stdout belongs to the answers of commands. */
export function createLogger(
  level: string,
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino(
    {
      level,
      base: null,
      redact: { paths: REDACTED, censor: "[redacted]" },
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.errWithCause },
      hooks: {
        logMethod(inputs, method) {
          const cut = inputs.map((input) =>
            typeof input === "string" && input.length > FIELD_CHARACTERS_MAX
              ? `${input.slice(0, FIELD_CHARACTERS_MAX)}…`
              : input,
          );
          Reflect.apply(method, this, cut);
        },
      },
    },
    destination,
  );
}
