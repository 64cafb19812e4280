/** What the doctor finds: one line each, and the advice as its last sentence. */

/** `bad`: it does not work. `warn`: it works, and may not for long. */
export type Level = 'ok' | 'warn' | 'bad'

export interface Finding {
  readonly level: Level
  /** A sentence. */
  readonly what: string
  /** What to do, where something is to be done. */
  readonly advice?: string
}

export const ok = (what: string): Finding => ({ level: 'ok', what })
export const warn = (what: string, advice: string): Finding => ({ level: 'warn', what, advice })
export const bad = (what: string, advice: string): Finding => ({ level: 'bad', what, advice })

/** What a look found; where the look itself was refused by the system, that. */
export const findingsOf = async (
  what: string,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> => {
  try {
    return await look()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    return [bad(`${what} cannot be read: ${message}.`, `What it means: gameledger explain ${code}`)]
  }
}

/** Bytes as people read them. */
export const bytesText = (bytes: number): string => {
  if (bytes < 1_024) return `${bytes} bytes`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let [value, unit] = [bytes / 1_024, 0]
  while (value >= 1_024 && unit < units.length - 1) [value, unit] = [value / 1_024, unit + 1]
  return `${value >= 10 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}
