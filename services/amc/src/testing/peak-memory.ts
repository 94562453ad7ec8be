/**
 * For `node --import`: the process says at its end how much memory it had at its peak, its heap and all else
 * together.
 */
process.on("exit", () => {
  // Linux and macOS both give kB here.
  const megabytes = Math.ceil(process.resourceUsage().maxRSS / 1024);
  process.stderr.write(`peak memory: ${megabytes} MB\n`);
});
