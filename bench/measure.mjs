// What benches share: CPU time of this process, wall time, medians, percentiles.

/** The seconds that `work` costs: `cpu` (user and system, all threads of this process) and `wall`. */
export const measure = async (work) => {
  globalThis.gc?.()
  const [begun, start] = [process.cpuUsage(), performance.now()]
  await work()
  const wall = (performance.now() - start) / 1_000
  const { user, system } = process.cpuUsage(begun)
  return { cpu: (user + system) / 1_000_000, wall }
}

/** The CPU seconds (user and system, all threads) that `work` costs. */
export const measureCpu = async (work) => (await measure(work)).cpu

/** The same without a collection before it, which throws compiled code away: for work that is short and comes again and again. */
export const measureCpuInRow = async (work) => {
  const begun = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1_000_000
}

/** The value below which this share of them lies. */
export const percentile = (values, share) =>
  values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))]

export const median = (values) => percentile(values, 0.5)
