import { profiled, profileInto } from "./profiler.ts";
import { workloadNamed } from "./registry.ts";

/** Body of the process in which one workload runs once: name, scale and, if any, file of a profile. */
const [name = "", scale = "", profile] = process.argv.slice(2);
const workload = workloadNamed(name);
if (workload === undefined || process.send === undefined) {
  throw new TypeError("bench/child.ts is started by the bench command only");
}
if (profile !== undefined) await profileInto(profile);
const measured = await profiled(() => workload.run(scale === "small" ? "small" : "full"));
const peakRssMiB = Math.round(process.resourceUsage().maxRSS / 1024);
process.send({ ...measured, peakRssMiB });
process.disconnect();
