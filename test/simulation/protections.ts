/** What the ledger does so that nothing is lost. Each can be taken out by the simulator (controls.ts). */
export const protections = [
  'sync',
  'directory-sync',
  'short-write-check',
  'no-retry-of-sync',
  'rewriting-of-unproven-frames',
  'manifest-gate',
  'life-id',
  'unit-record',
  'replacing-manifest',
  'sync-of-carried-games',
] as const

export type Protection = (typeof protections)[number]
