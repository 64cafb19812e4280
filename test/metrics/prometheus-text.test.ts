/** The page for Prometheus is in its format, says what `stats()` says, and has no ids; the dashboard asks for what is there. */
import { spawnSync } from 'node:child_process'
import { prometheusContentType, prometheusText, type LedgerStats } from 'gameledger'
import { describe, expect, it, test } from 'vitest'
import { textOf } from '../docs/documents.js'
import { readExposition, type Family } from './exposition.js'
import { measuredLedger } from './measured-ledger.js'

const ledger = await measuredLedger()
const stats = ledger.stats()
await ledger.close()
const page = prometheusText(stats)
const families = new Map(readExposition(page).map((family) => [family.name, family]))

const valueOf = (name: string, labels: Record<string, string> = {}): number | undefined =>
  families
    .get(name)
    ?.samples.find(
      (sample) =>
        sample.labels.size === Object.keys(labels).length &&
        Object.entries(labels).every(([label, text]) => sample.labels.get(label) === text),
    )?.value

describe('the page', () => {
  it('says what the numbers of the ledger say', () => {
    expect(prometheusContentType).toContain('version=0.0.4')
    expect(valueOf('gameledger_commands_total', { kind: 'tally', outcome: 'version-conflict' })).toBe(1)
    expect(valueOf('gameledger_commands_total', { kind: 'tic-tac-toe', outcome: 'accepted' })).toBe(14)
    expect(valueOf('gameledger_units_total', { outcome: 'rejected' })).toBe(1)
    expect(valueOf('gameledger_games_archived')).toBe(2)
    expect(valueOf('gameledger_rooms_open')).toBe(1)
    expect(valueOf('gameledger_projection_lag_positions', { projection: 'wins' })).toBe(0)
    expect(valueOf('gameledger_projection_state', { projection: 'wins', state: 'live' })).toBe(1)
    expect(valueOf('gameledger_journal_state', { state: 'failed' })).toBe(0)
    expect(valueOf('gameledger_journal_written_bytes_total')).toBe(stats.journal.bytesWritten)
    const syncs = families.get('gameledger_journal_sync_seconds')!
    expect(syncs.samples.at(-1)).toMatchObject({ value: stats.journal.commits })
    expect(syncs.samples.at(-2)!.value).toBeCloseTo(stats.journal.syncs!.sumMs / 1_000)
  })

  it('names all in one way, in seconds and bytes', () => {
    for (const name of families.keys()) expect(name).toMatch(/^gameledger(_[a-z0-9]+)+$/)
    for (const name of families.keys()) expect(name).not.toMatch(/_(ms|milliseconds|kb|mb)(_|$)/)
  })

  it('has no id of a game, a player or a room, and few labels', () => {
    const labels = [...families.values()].flatMap(({ samples }) =>
      samples.flatMap((sample) => [...sample.labels]),
    )
    expect(new Set(labels.map(([label]) => label))).toEqual(
      new Set(['kind', 'outcome', 'le', 'state', 'projection', 'code', 'reactor']),
    )
    const texts = new Set(labels.map(([, text]) => text))
    for (const id of ['g1', 'g2', 't1', 't2', 'r1', 'ann', 'bob', 'cid']) expect(texts).not.toContain(id)
  })

  it('leaves out what this ledger does not measure', () => {
    const { syncs: _, commits: __, ...journal } = stats.journal
    const without = prometheusText({ ...stats, journal: journal as LedgerStats['journal'] })
    expect(without).not.toContain('journal_sync_seconds')
    expect(without).not.toContain('journal_commits')
    expect(readExposition(without)).toHaveLength(families.size - 2)
  })

  it('escapes what a label may not hold', () => {
    const projections = { 'a "b"\\\nc': { ...stats.projections['wins']! } }
    const lags = readExposition(prometheusText({ ...stats, projections })).find(
      ({ name }) => name === 'gameledger_projection_lag_positions',
    )
    expect(lags!.samples[0]!.labels.get('projection')).toBe('a \\"b\\"\\\\\\nc')
  })
})

const promtool = spawnSync('promtool', ['--version']).status === 0

test.skipIf(!promtool)('promtool takes the page (Debian: apt-get install prometheus)', () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: page,
    encoding: 'utf8',
  })
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' })
})

describe('the reader of these tests', () => {
  const refusals: readonly (readonly [string, string])[] = [
    ['a page that does not end', page.slice(0, -1)],
    ['a family twice', page + page],
    ['a sample twice', page.replace(/^(gameledger_position .*)$/m, '$1\n$1')],
    ['a counter without _total', page.replaceAll('gameledger_units_total', 'gameledger_units')],
    ['a type that is none', page.replace('position gauge', 'position number')],
    [
      'buckets that fall',
      page.replace(/(answer_seconds_bucket\{le="5e-7|answer_seconds_bucket\{le="0.000005"\}) .*/, '$1 99'),
    ],
    ['a label without quotes', page.replace('kind="tally"', 'kind=tally')],
    ['no value', page.replace(/^gameledger_position .*$/m, 'gameledger_position many')],
  ]
  it.each(refusals)('refuses %s', (_, spoilt) => {
    expect(spoilt).not.toBe(page)
    expect(() => readExposition(spoilt)).toThrow()
  })
})

describe('the dashboard (docs/operations/grafana.json)', () => {
  const expressions = Array.from(
    textOf('docs/operations/grafana.json').matchAll(/"expr": "((?:[^"\\]|\\.)*)"/g),
    ([, expr = '']) => expr.replaceAll('\\"', '"'),
  )
  const named = (expression: string): readonly string[] => expression.match(/gameledger_\w+/g) ?? []
  const base = (name: string, all: ReadonlyMap<string, Family>): string =>
    all.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '')

  it('asks for metrics that are on the page, by labels and values that they have', () => {
    expect(expressions.length).toBeGreaterThan(15)
    for (const expression of expressions) {
      expect(named(expression).length, expression).toBeGreaterThan(0)
      for (const name of named(expression)) {
        const family = families.get(base(name, families))
        expect(family, `${name} in ${expression}`).toBeDefined()
        const labels = new Set(family!.samples.flatMap((sample) => [...sample.labels.keys()]))
        for (const [, by = ''] of expression.matchAll(/by \(([^)]*)\)/g))
          for (const label of by.split(', ')) expect([...labels, 'instance'], expression).toContain(label)
        for (const [, label = '', value = ''] of expression.matchAll(/(\w+)="([^"$]+)"/g))
          expect(
            family!.samples.some((sample) => sample.labels.get(label) === value),
            `${label}="${value}" in ${expression}`,
          ).toBe(true)
      }
    }
  })

  it('shows every metric that the guide calls worth an alarm', () => {
    const asked = new Set(expressions.flatMap(named).map((name) => base(name, families)))
    for (const name of [
      'faults_total',
      'archive_oldest_age_seconds',
      'journal_state',
      'games_live',
      'projection_state',
    ])
      expect(asked).toContain(`gameledger_${name}`)
  })
})
