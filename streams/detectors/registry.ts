import { catalystNews } from "./catalyst-news/detect.ts";
import type { Detector } from "./detector.ts";
import { optionsFlow } from "./options-flow/detect.ts";
import { squeeze } from "./squeeze/detect.ts";
import { technicals } from "./technicals/detect.ts";
import { viglPattern } from "./vigl-pattern/detect.ts";
import { volumeMomentum } from "./volume-momentum/detect.ts";

/** All detectors, in the order of `DETECTOR_NAMES`. */
export const DETECTORS: readonly Detector[] = [
  volumeMomentum,
  squeeze,
  catalystNews,
  optionsFlow,
  technicals,
  viglPattern,
];
