/**
 * What can be wrong with a store that others run: a bucket, a database. Each has the vendor's own error as `cause`
 * and says last what to do. The archiver tries again on every one of them, for even a missing bucket is made one day.
 */

/** What the operator of a store has to see to. */
export type ColdStoreErrorCode = 'cold-store-failed' | 'cold-store-denied' | 'cold-store-missing'

const advice: { readonly [code in ColdStoreErrorCode]: string } = {
  'cold-store-failed': 'See to the store; nothing is lost, and trying again is safe.',
  'cold-store-denied':
    'Check credentials, clock and permissions (docs/guide/operations.md lists what is needed).',
  'cold-store-missing': 'Make it, or correct its name.',
}

/** A store did not do what it was asked, after all the attempts that it is given. */
export class ColdStoreError extends Error {
  override readonly name = 'ColdStoreError'
  readonly code: ColdStoreErrorCode

  constructor(code: ColdStoreErrorCode, what: string, cause: unknown) {
    super(`${what}: ${inWords(cause)} ${advice[code]}`, { cause })
    this.code = code
  }
}

/** Two stores of a composite hold different bytes under one key: one of them was written by somebody else. */
export class ColdStoresDifferError extends Error {
  override readonly name = 'ColdStoresDifferError'
  readonly code = 'cold-stores-differ'
  readonly key: string

  constructor(key: string, one: number, other: number) {
    super(
      `Stores ${one + 1} and ${other + 1} of the composite hold different bytes under ${key}. ` +
        'Find out which is right (`verify` on each), and delete the other copy.',
    )
    this.key = key
  }
}

const inWords = (cause: unknown): string => {
  const message = cause instanceof Error ? cause.message || cause.name : String(cause)
  return message.replace(/\.?$/, '.')
}
