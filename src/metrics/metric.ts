/**
 * One metric of a ledger, as every system of monitoring understands it: a name, what it counts, and how it is read off
 * `ledger.stats()`.
 *
 *     name             'journal.syncs'
 *     Prometheus       gameledger_journal_syncs_total          unit and `_total` behind the name
 *     OpenTelemetry    gameledger.journal.syncs                unit beside the name; its exporter adds the rest
 *
 * Seconds and bytes are the only units. No label holds the id of a game, a player or a room: labels are kinds, outcomes,
 * names of projections and codes of faults, of which a ledger has few.
 */
import type { LedgerStats } from '../stats.js'

export type Labels = { readonly [name: string]: string }

/** One number, with what tells it from the others of its metric. */
export interface Sample {
  readonly value: number
  readonly labels?: Labels
}

/** A distribution: how many were at most so long, and what they come to. */
export interface Distribution {
  readonly count: number
  readonly sum: number
  readonly atMost: readonly { readonly edge: number; readonly count: number }[]
  readonly p50: number
  readonly p99: number
}

interface Described {
  /** Words between dots. */
  readonly name: string
  readonly help: string
  readonly unit?: 'seconds' | 'bytes'
}

/** A counter only grows while the ledger is open, and begins at 0 when it is opened again. */
export interface NumberMetric extends Described {
  readonly type: 'counter' | 'gauge'
  readonly read: (stats: LedgerStats) => readonly Sample[]
}

export interface HistogramMetric extends Described {
  readonly type: 'histogram'
  /** `undefined` where this ledger does not measure it. */
  readonly read: (stats: LedgerStats) => Distribution | undefined
}

export type Metric = NumberMetric | HistogramMetric
