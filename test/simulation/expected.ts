/** What may go wrong while a disk or a store is made to fail. */
import { StoreDownError } from './simulated-store.js'

const codes = new Set(['store-timeout', 'EIO', 'ENOSPC', 'storage-full', 'archiving-stopped'])

/** Whether this failure is one that the simulator made, however the ledger wraps it. */
export const isExpected = (failure: unknown): boolean => {
  if (failure instanceof StoreDownError) return true
  if (!(failure instanceof Error)) return false
  const { code } = failure as { readonly code?: string }
  return (code !== undefined && codes.has(code)) || isExpected(failure.cause)
}
