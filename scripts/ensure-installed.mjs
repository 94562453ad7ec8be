// Runs before every command, under whatever Node the machine has (20 or later): plain JavaScript,
// no dependency, nothing on stdout, which belongs to the command. Installs the locked packages when
// node_modules is missing, incomplete or of another lock file.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const runtime = join(root, "node_modules", ".bin", "node");
/** Beside node_modules, because npm ci empties that. Holds the pid of the installing process. */
const lock = join(root, ".installing");
/** An install takes half a minute; ten are a slow network, more a pid that another process took over. */
const LOCK_WAIT_MS = 600_000;
const LOCK_POLL_MS = 250;
/** First Node that runs this tree: type stripping without a flag and `import.meta.main`. */
const OWN_NODE_MINIMUM = [24, 2];

const say = (line) => process.stderr.write(`amc: ${line}\n`);

function fail(line, status = 1) {
  say(line);
  process.exit(status);
}

const packagesOf = (path) => JSON.parse(readFileSync(path, "utf8")).packages;

/** Whether every package that npm should have put here is here, in the locked version. */
function isInstalled() {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false; // npm writes it last, so an interrupted install has none
  let present;
  try {
    present = packagesOf(record);
  } catch {
    return false; // torn by a crash: the install is repeated
  }
  return Object.entries(packagesOf(join(root, "package-lock.json"))).every(([path, wanted]) => {
    if (!path.startsWith("node_modules/")) return true;
    if (wanted.link === true) return existsSync(join(root, path, "package.json"));
    // Optional packages of other platforms are absent by design.
    if (present[path] === undefined) return wanted.optional === true;
    return present[path].version === wanted.version && existsSync(join(root, path, "package.json"));
  });
}

function holderOf(path) {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return null; // released in the meantime
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM"; // alive, and another user's
  }
}

/** Takes the lock if it is free. Linking a written file makes it appear with its content or not at all. */
function tryLock() {
  const claim = `${lock}.${process.pid}`;
  writeFileSync(claim, String(process.pid));
  try {
    linkSync(claim, lock);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(claim, { force: true });
  }
}

/** Removes the lock of a holder that died. Renaming it first lets only one waiter remove it. */
function removeLockOf(deadPid) {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  if (holderOf(aside) !== deadPid) linkSync(aside, lock); // another waiter was faster: give it back
  rmSync(aside, { force: true });
}

/** Waits until this process may install; a second start waits here for the first one's install. */
function acquireLock() {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const deadline = Date.now() + LOCK_WAIT_MS;
  let told = false;
  while (!tryLock()) {
    const holder = holderOf(lock);
    if (holder !== null && !isAlive(holder)) removeLockOf(holder);
    else if (Date.now() > deadline) {
      fail(`process ${holder} has been installing for long; if it is not, remove ${lock}`);
    } else {
      if (!told) say(`waiting for process ${holder}, which is installing`);
      told = true;
      Atomics.wait(sleeper, 0, 0, LOCK_POLL_MS);
    }
  }
}

/** Runs `npm ci` with no install script; everything npm says goes to stderr. */
function install() {
  say("installing the locked packages with npm ci (once, about half a minute)");
  const args = ["ci", "--ignore-scripts", "--include=dev", "--include=optional", "--no-audit"];
  // The npm that runs us, if it does; its --silent must not hide why an install fails.
  const cli = process.env.npm_execpath ?? "";
  const [command, ...before] = /npm-cli\.[cm]?js$/.test(cli) ? [process.execPath, cli] : ["npm"];
  const result = spawnSync(command, [...before, ...args, "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (result.status === 0) return;
  if (result.error !== undefined) say(`npm could not be started: ${result.error.message}`);
  fail(
    "npm ci failed, its reason stands above. The packages come from the npm registry: without a " +
      "network, run `npm ci --ignore-scripts --offline` with a filled npm cache, or copy " +
      "node_modules from the same commit on the same kind of machine.",
    result.status ?? 1,
  );
}

/** npm 10 installs the locked Node and removes its link again with those of the other platforms. */
function linkRuntime() {
  const carrier = `node-${process.platform}-${process.arch}`;
  if (!existsSync(join(root, "node_modules", carrier, "bin", "node"))) return;
  try {
    symlinkSync(join("..", carrier, "bin", "node"), runtime);
  } catch (error) {
    if (error.code !== "EEXIST") throw error; // a start beside this one was faster
  }
}

/** The scripts start `node`: the locked one in node_modules/.bin, or a machine's own that is new enough. */
function checkRuntime() {
  if (existsSync(runtime)) {
    const probe = spawnSync(runtime, ["--version"], { stdio: ["ignore", "ignore", 2] });
    if (probe.status === 0) return;
    fail(`the installed Node does not run on this machine; install Node 24 and remove ${runtime}`);
  }
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [minimumMajor, minimumMinor] = OWN_NODE_MINIMUM;
  if (major > minimumMajor || (major === minimumMajor && minor >= minimumMinor)) return;
  fail(
    `npm carries no Node 24 for ${process.platform}-${process.arch}, and this one is ` +
      `${process.version}: install Node ${OWN_NODE_MINIMUM.join(".")} or later`,
  );
}

if (!isInstalled()) {
  try {
    acquireLock();
  } catch (error) {
    fail(`cannot install into ${root}: ${error.message}`);
  }
  process.once("exit", () => rmSync(lock, { force: true }));
  if (!isInstalled()) install();
  if (!existsSync(runtime)) linkRuntime();
  checkRuntime();
} else if (!existsSync(runtime)) {
  linkRuntime();
  checkRuntime();
}
