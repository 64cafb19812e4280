/**
 * The metrics of a ledger as observable instruments of OpenTelemetry, on a meter of the caller's.
 *
 * The meter is known by its form (`Meter` of @opentelemetry/api 1.3 and later has it), so nothing of OpenTelemetry is
 * loaded by this library: see docs/decisions/open-telemetry.md. Distributions cannot be observed there: each becomes a
 * count, a sum and two percentiles.
 */
import type { LedgerStats } from '../stats.js'
import { ledgerMetrics } from './ledger-metrics.js'
import type { HistogramMetric, Labels, Metric, NumberMetric } from './metric.js'

interface InstrumentOptions {
  readonly description?: string
  readonly unit?: string
}

/** What is needed of a `Meter`. `Instrument` is what it makes, and takes back. */
export interface ObservingMeter<Instrument> {
  createObservableCounter(name: string, options?: InstrumentOptions): Instrument
  createObservableGauge(name: string, options?: InstrumentOptions): Instrument
  addBatchObservableCallback(callback: ObservingCallback<Instrument>, instruments: Instrument[]): void
  removeBatchObservableCallback(callback: ObservingCallback<Instrument>, instruments: Instrument[]): void
}

/** What a meter calls when it is read. */
export type ObservingCallback<Instrument> = (result: {
  observe(instrument: Instrument, value: number, labels?: Record<string, string>): void
}) => void

type Read = (stats: LedgerStats) => readonly { readonly value: number; readonly labels?: Labels }[]

const units = { seconds: 's', bytes: 'By' } as const

/** A distribution as numbers: count, sum, and what half and 99 of 100 did not exceed. */
const numbersOf = (metric: HistogramMetric): readonly NumberMetric[] => {
  const { name, help, read } = metric
  const part = (
    suffix: string,
    type: 'counter' | 'gauge',
    what: string,
    of: 'count' | 'sum' | 'p50' | 'p99',
  ): NumberMetric => ({
    name: `${name}.${suffix}`,
    help: `${help} ${what}`,
    type,
    ...(of !== 'count' && metric.unit && { unit: metric.unit }),
    read: (stats) => {
      const distribution = read(stats)
      return distribution ? [{ value: distribution[of] }] : []
    },
  })
  return [
    part('count', 'counter', 'How many were measured.', 'count'),
    part('sum', 'counter', 'Of all together.', 'sum'),
    part('p50', 'gauge', 'Half took no longer, since the opening.', 'p50'),
    part('p99', 'gauge', '99 of 100 took no longer, since the opening.', 'p99'),
  ]
}

const numberMetrics = (metric: Metric): readonly NumberMetric[] =>
  metric.type === 'histogram' ? numbersOf(metric) : [metric]

/**
 * Registers the numbers of `ledger.stats()` on a `Meter` of `@opentelemetry/api`: `openTelemetry(metrics.getMeter('game'), ledger)`.
 * They are read once each time that the meter is. Returns what takes them off it again; call it when the ledger is closed.
 */
export const openTelemetry = <Instrument>(
  meter: ObservingMeter<Instrument>,
  ledger: { stats(): LedgerStats },
): (() => void) => {
  const observed = new Map<Instrument, Read>()
  for (const { name, help, type, unit, read } of ledgerMetrics.flatMap(numberMetrics)) {
    const options = { description: help, ...(unit && { unit: units[unit] }) }
    const full = `gameledger.${name}`
    observed.set(
      type === 'counter'
        ? meter.createObservableCounter(full, options)
        : meter.createObservableGauge(full, options),
      read,
    )
  }
  const observe: ObservingCallback<Instrument> = (result) => {
    const stats = ledger.stats()
    for (const [instrument, read] of observed)
      for (const { value, labels } of read(stats)) result.observe(instrument, value, { ...labels })
  }
  const instruments = [...observed.keys()]
  meter.addBatchObservableCallback(observe, instruments)
  return () => meter.removeBatchObservableCallback(observe, instruments)
}
