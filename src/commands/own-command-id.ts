/** The ids of the ledger's own commands: made of what they are caused by, so that a second one of the same cause is a retry. */
import { fingerprintOf } from '../events/fingerprint.js'
import { commandIdBytesMax } from '../events/ids.js'

/** `sender/cause/number...`; a cause that is too long for an id is named by its fingerprint. */
export const ownCommandId = (
  sender: 'bot' | 'reactor',
  cause: string,
  ...numbers: readonly number[]
): string => {
  const id = [sender, cause, ...numbers].join('/')
  if (Buffer.byteLength(id) <= commandIdBytesMax) return id
  const { high, low } = fingerprintOf(cause)
  const print = [high, low].map((half) => half.toString(16).padStart(8, '0')).join('')
  return [sender, `~${print}`, ...numbers].join('/')
}
