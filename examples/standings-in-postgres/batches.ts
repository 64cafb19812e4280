/**
 * Values one by one as batches: what is there at once goes together, and nobody waits for a batch to fill.
 *
 * A live event alone is a batch of one; a follower that is behind gets full ones. While a batch is worked on, nothing
 * more is read than the one value that was asked for already.
 */
import { setImmediate } from 'node:timers/promises'

export async function* batchesOf<Value>(
  values: AsyncIterable<Value>,
  most: number,
): AsyncGenerator<readonly Value[], void, undefined> {
  const reader = values[Symbol.asyncIterator]()
  const read = (): Promise<IteratorResult<Value>> => {
    const reading = reader.next()
    // It may fail while a batch is worked on; that is told when it is waited for.
    reading.catch(() => undefined)
    return reading
  }
  for (let next = read(); ;) {
    let result: IteratorResult<Value> | undefined = await next
    const batch: Value[] = []
    while (result && !result.done && batch.length < most) {
      batch.push(result.value)
      next = read()
      result = await Promise.race([next, setImmediate(undefined)])
    }
    if (batch.length > 0) yield batch
    if (result?.done && batch.length === 0) return
  }
}
