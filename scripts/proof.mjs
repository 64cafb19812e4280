// What the proofs of this folder share: what holds, in a line, and what is in memory.

/** Tells whether it holds. What does not makes the process end with 1. */
export const hold = (isTrue, text) => {
  if (!isTrue) process.exitCode = 1
  console.log(`${isTrue ? 'holds ' : 'FAILED'}  ${text}`)
}

/** What is told beside it, and not judged. */
export const tell = (text) => console.log(`        ${text}`)

/** Bytes, behind two collections: of objects and buffers, and resident. Collects where Node runs with `--expose-gc`. */
export const memory = () => {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { held: heapUsed + external, rss }
}
