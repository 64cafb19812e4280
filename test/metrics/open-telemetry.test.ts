/** On a meter of the real SDK of OpenTelemetry: the same numbers as on the page for Prometheus, read once each time. */
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { openTelemetry, type LedgerStats } from 'gameledger'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { measuredLedger, type Measured } from './measured-ledger.js'

let ledger: Measured
beforeAll(async () => {
  ledger = await measuredLedger()
})
afterAll(() => ledger.close())

const metered = () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  const read = async () => {
    exporter.reset()
    await provider.forceFlush()
    return exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
  }
  return { meter: provider.getMeter('game'), read, end: () => provider.shutdown() }
}

test('instruments observe what the ledger tells, with units and labels, read once', async () => {
  const { meter, read, end } = metered()
  let reads = 0
  const stats = (): LedgerStats => {
    reads++
    return ledger.stats()
  }
  const stop = openTelemetry(meter, { stats })
  const metrics = await read()
  expect(reads).toBe(1)
  const pointsOf = (name: string) =>
    metrics
      .find(({ descriptor }) => descriptor.name === name)
      ?.dataPoints.map(({ value, attributes }) => ({ value, ...attributes }))
  expect(pointsOf('gameledger.commands')).toContainEqual({ kind: 'tally', outcome: 'rejected', value: 1 })
  expect(pointsOf('gameledger.games.archived')).toEqual([{ value: 2 }])
  expect(pointsOf('gameledger.rooms.open')).toEqual([{ value: 1 }])
  const { syncs, commits } = ledger.stats().journal
  expect(pointsOf('gameledger.journal.sync.count')).toEqual([{ value: commits }])
  expect(pointsOf('gameledger.journal.sync.p99')).toEqual([{ value: syncs!.p99Ms / 1_000 }])
  const written = metrics.find(({ descriptor }) => descriptor.name === 'gameledger.journal.written')
  expect(written).toMatchObject({ descriptor: { unit: 'By' }, isMonotonic: true })

  stop()
  await read()
  expect(reads).toBe(1)
  await end()
})
