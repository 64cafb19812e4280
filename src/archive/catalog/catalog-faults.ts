/** What there is to tell of the saved catalog: each with what goes on, and what to do. */
import type { Fault } from '../../events/fault.js'

export const catalogRebuilt = (reason: string): Fault => ({
  code: 'catalog-rebuilt',
  message:
    `The saved catalog of the archive was not believed: ${reason}. It was made anew from the manifests; nothing is lost. ` +
    'Nothing is to be done, unless the archive was not meant to change.',
})

export const catalogUnsaved = (cause: unknown): Fault => ({
  code: 'catalog-unsaved',
  message:
    `The catalog of the archive could not be written: ${String(cause).replace(/\.?$/, '.')} Play and archiving go on; it stays ` +
    'in memory, and the next opening reads manifests instead, which takes longer. See to the disk.',
  cause,
})
