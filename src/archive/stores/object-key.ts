/** The law of keys in cold storage, in one place for all stores. */
const keyPattern = /^(?!\.)[a-z0-9._-]+(?:\/(?!\.)[a-z0-9._-]+)*$/
const keyLengthMax = 200

/** Whether this is a key; a bucket or a table may hold what is none. */
export const isKey = (key: string): boolean => key.length <= keyLengthMax && keyPattern.test(key)

/** Returns `key` if it is one. @throws TypeError that says what was got */
export const checkKey = (key: string): string => {
  if (!isKey(key))
    throw new TypeError(
      `A key in cold storage is made of a-z, 0-9, ".", "-", "_" and "/", at most ${keyLengthMax} characters, ` +
        `no part empty or beginning with "."; got ${JSON.stringify(key.slice(0, 80))}.`,
    )
  return key
}
