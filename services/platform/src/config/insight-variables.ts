import { z } from "zod";
import { flag, httpsAddress, wholeNumber } from "./variable-kinds.ts";

/** A model that words suggestions from aggregates (`amc insight`); nothing else ever asks it. */
export const INSIGHT_VARIABLES = {
  // It becomes a header: nothing that could end one.
  ANTHROPIC_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{1,500}$/, "use the key as it is")
    .optional(),
  ANTHROPIC_BASE_URL: httpsAddress("https://api.anthropic.com"),
  ANTHROPIC_MODEL: z
    .string()
    .regex(/^[\w.:@-]{1,100}$/, "use the name of a model, such as claude-sonnet-4-6")
    .default("claude-sonnet-4-6"),
  ANTHROPIC_RATE_LIMIT: wholeNumber(5, 1, 10_000),
  ANTHROPIC_DAILY_LIMIT: wholeNumber(25, 1, 1_000_000),
  // Longer than this no head of an answer is waited for, whatever the deadline of the call is (undici).
  ANTHROPIC_TIMEOUT: wholeNumber(60, 1, 300),
  ANTHROPIC_CIRCUIT_BREAKER_THRESHOLD: wholeNumber(3, 1, 1000),
  ANTHROPIC_CIRCUIT_BREAKER_TIMEOUT: wholeNumber(300, 1, 86_400),
  MOCK_ANTHROPIC_DATA_ENABLED: flag(false),
} as const;

export const INSIGHT_VARIABLE_DOCS: Readonly<Record<keyof typeof INSIGHT_VARIABLES, string>> = {
  ANTHROPIC_API_KEY:
    "key of the model that suggests improvements from aggregates; without it none is asked",
  ANTHROPIC_BASE_URL: "Anthropic, or what answers as its Messages API does",
  ANTHROPIC_MODEL: "model that is asked; it has to know structured outputs",
  ANTHROPIC_RATE_LIMIT: "calls per minute",
  ANTHROPIC_DAILY_LIMIT: "calls in 24 hours: each costs money",
  ANTHROPIC_TIMEOUT: "seconds for one call",
  ANTHROPIC_CIRCUIT_BREAKER_THRESHOLD: "failures in a row that open the breaker",
  ANTHROPIC_CIRCUIT_BREAKER_TIMEOUT: "seconds it stays open",
  MOCK_ANTHROPIC_DATA_ENABLED:
    "a mock on this machine answers for Anthropic, what it says is marked; no key is needed",
};
