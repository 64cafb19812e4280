/** How tests of what acts by itself let time pass, and hold a journal up. */
import { fileJournal, type Ledger } from 'gameledger'
import { simulatedDisk, type ManualClock } from 'gameledger/testing'

/** Long enough for all that is due to be sent and answered. */
export const settle = async (ledger: Pick<Ledger, 'settled'>): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    await ledger.settled()
  }
}

export const advance = async (
  ledger: Pick<Ledger, 'settled'>,
  clock: ManualClock,
  ms: number,
): Promise<void> => {
  clock.advance(ms)
  await settle(ledger)
}

/** A journal that answers nothing while it is held. */
export const heldJournal = () => {
  let gate = Promise.resolve()
  const disk = simulatedDisk(1, { pause: () => gate })
  return {
    journal: fileJournal('/held', { disk, lock: disk.lock }),
    hold(): () => void {
      let release = (): void => undefined
      gate = new Promise((resolve) => (release = resolve))
      return release
    },
  }
}
