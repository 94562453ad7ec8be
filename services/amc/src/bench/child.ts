import { workloadNamed } from "./registry.ts";

/** Body of the process in which one workload runs once: its name and scale are the arguments. */
const [name = "", scale = ""] = process.argv.slice(2);
const workload = workloadNamed(name);
if (workload === undefined || process.send === undefined) {
  throw new TypeError("bench/child.ts is started by the bench command only");
}
const measured = await workload.run(scale === "small" ? "small" : "full");
const peakRssMiB = Math.round(process.resourceUsage().maxRSS / 1024);
process.send({ ...measured, peakRssMiB });
process.disconnect();
