/**
 * The metrics of a ledger in the text format of Prometheus, version 0.0.4:
 *
 *     # HELP gameledger_commands_total Commands that were answered, by kind of their game and by outcome.
 *     # TYPE gameledger_commands_total counter
 *     gameledger_commands_total{kind="liap",outcome="accepted"} 1027
 *
 * Format: the exposition formats of Prometheus, "Text-based format".
 */
import type { LedgerStats } from '../stats.js'
import { ledgerMetrics } from './ledger-metrics.js'
import type { Distribution, Labels, Metric } from './metric.js'

/** What to answer with as `Content-Type`. */
export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8'

/** `gameledger_journal_sync_seconds` */
const nameOf = ({ name, unit, type }: Metric): string =>
  ['gameledger', ...name.split('.'), ...(unit ? [unit] : []), ...(type === 'counter' ? ['total'] : [])].join(
    '_',
  )

const valueText = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')

const line = (name: string, labels: Labels, value: number): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${valueText(value)}`
}

const histogramLines = (name: string, { atMost, count, sum }: Distribution): readonly string[] => [
  ...atMost.map(({ edge, count: through }) => line(`${name}_bucket`, { le: valueText(edge) }, through)),
  line(`${name}_bucket`, { le: '+Inf' }, count),
  line(`${name}_sum`, {}, sum),
  line(`${name}_count`, {}, count),
]

const linesOf = (metric: Metric, stats: LedgerStats): readonly string[] => {
  const name = nameOf(metric)
  if (metric.type !== 'histogram')
    return metric.read(stats).map(({ value, labels = {} }) => line(name, labels, value))
  const distribution = metric.read(stats)
  return distribution ? histogramLines(name, distribution) : []
}

/**
 * The numbers of `ledger.stats()` as a page for Prometheus to scrape; serve it as `prometheusContentType`. Metrics that
 * this ledger does not have (those of a file journal, where the journal is in memory) are left out. O(projections).
 */
export const prometheusText = (stats: LedgerStats): string =>
  ledgerMetrics
    .flatMap((metric) => {
      const lines = linesOf(metric, stats)
      if (lines.length === 0) return []
      const name = nameOf(metric)
      return [`# HELP ${name} ${metric.help}`, `# TYPE ${name} ${metric.type}`, ...lines]
    })
    .map((text) => `${text}\n`)
    .join('')
