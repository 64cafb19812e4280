/** A line of an export, read back: one recorded event with what stood around it. See archive-export.ts. */
import type { GameEvent } from './events/envelope.js'
import type { GameId, Kind } from './events/ids.js'

/** What of an exported line is taken in again; the ledger gives it a new position. */
export interface ExportedEvent {
  /** Of the export, from 1. */
  readonly line: number
  readonly kind: Kind
  readonly gameId: GameId
  readonly version: number
  readonly recordedAt: number
  readonly occurredAt?: number
  readonly commandId?: string
  readonly actor?: string
  readonly schema: number
  readonly event: GameEvent
}

/** A line that no export has written. What stands before it was imported. */
export class ExportedLineError extends Error {
  override readonly name = 'ExportedLineError'
  readonly code = 'no-exported-event'
  readonly line: number

  constructor(line: number, what: string) {
    super(
      `Line ${line} is no exported event: ${what}. What stands before it is imported. ` +
        'Give what `archive export --format ndjson` wrote, and import it again: what is there already is passed over.',
    )
    this.line = line
  }
}

const isOrdinal = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0
const isText = (value: unknown): boolean => typeof value === 'string'
const orAbsent = (isIt: (value: unknown) => boolean) => (value: unknown) => value === undefined || isIt(value)

const checks: { readonly [key in keyof Omit<ExportedEvent, 'line'>]-?: (value: unknown) => boolean } = {
  kind: isText,
  gameId: isText,
  version: isOrdinal,
  recordedAt: Number.isFinite,
  occurredAt: orAbsent(Number.isFinite),
  commandId: orAbsent(isText),
  actor: orAbsent(isText),
  schema: isOrdinal,
  event: (value) => typeof value === 'object' && value !== null && isText((value as Partial<GameEvent>).type),
}

/** @throws ExportedLineError */
export const parseExported = (text: string, line: number): ExportedEvent => {
  let parsed: Readonly<Record<string, unknown>>
  try {
    parsed = JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    throw new ExportedLineError(line, 'it is not JSON')
  }
  for (const [key, isIt] of Object.entries(checks))
    if (!isIt(parsed?.[key])) throw new ExportedLineError(line, `its \`${key}\` is wrong`)
  return { ...(parsed as unknown as ExportedEvent), line }
}
