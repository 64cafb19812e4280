// What benches share: CPU time of this process, medians.

/** The CPU seconds (user and system, all threads) that `work` costs. */
export const measureCpu = async (work) => {
  globalThis.gc?.()
  const begun = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1_000_000
}

export const median = (values) => values.toSorted((one, other) => one - other)[values.length >> 1]
