/**
 * A strict reader of Prometheus' text format 0.0.4, made from its definition alone: it throws for what a scraper would
 * refuse, and for what it would take but people should not write.
 */
export interface Family {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: readonly {
    readonly name: string
    readonly labels: ReadonlyMap<string, string>
    readonly value: number
  }[]
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const labelPair = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)/

const labelsOf = (text: string): ReadonlyMap<string, string> => {
  const labels = new Map<string, string>()
  for (let rest = text; rest !== '';) {
    const found = labelPair.exec(rest)
    if (!found) throw new Error(`No label pair: ${rest}`)
    const [whole, name = '', value = ''] = found
    if (labels.has(name)) throw new Error(`Label twice: ${name}`)
    labels.set(name, value)
    rest = rest.slice(whole.length)
  }
  return labels
}

const valueOf = (text: string): number => {
  const value = { '+Inf': Infinity, '-Inf': -Infinity, NaN }[text] ?? Number(text)
  if (Number.isNaN(value) && text !== 'NaN') throw new Error(`No value: ${text}`)
  return value
}

const suffixes: { readonly [type: string]: RegExp } = {
  counter: /^$/,
  gauge: /^$/,
  histogram: /^(_bucket|_sum|_count)$/,
}

const checkHistogram = ({ name, samples }: Family): void => {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`)
  const edges = buckets.map(({ labels }) => valueOf(labels.get('le') ?? 'none'))
  const counts = buckets.map(({ value }) => value)
  const rises = (numbers: readonly number[], isStrict: boolean): boolean =>
    numbers.every(
      (value, at) => at === 0 || (isStrict ? value > numbers[at - 1]! : value >= numbers[at - 1]!),
    )
  if (edges.at(-1) !== Infinity || !rises(edges, true) || !rises(counts, false))
    throw new Error(`${name}: buckets must rise to +Inf`)
  const total = samples.find((sample) => sample.name === `${name}_count`)
  if (total?.value !== counts.at(-1)) throw new Error(`${name}: the count is that of the last bucket`)
}

const check = (family: Family): void => {
  const { name, type, samples } = family
  const allowed = suffixes[type]
  if (!allowed) throw new Error(`${name}: no such type ${type}`)
  if (samples.length === 0) throw new Error(`${name} has no sample`)
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name}: counters end in _total`)
  const seen = new Set<string>()
  for (const sample of samples) {
    if (!sample.name.startsWith(name) || !allowed.test(sample.name.slice(name.length)))
      throw new Error(`${sample.name} stands below ${name}`)
    const key = JSON.stringify([sample.name, [...sample.labels].sort()])
    if (seen.has(key)) throw new Error(`Twice: ${key}`)
    seen.add(key)
    if (type === 'counter' && !(sample.value >= 0)) throw new Error(`${name} counts down`)
  }
  if (type === 'histogram') checkHistogram(family)
}

/** The metrics of a page. @throws where it is not in the format */
export const readExposition = (text: string): readonly Family[] => {
  if (!text.endsWith('\n')) throw new Error('The last line ends in a line feed')
  const families: (Family & { samples: Family['samples'][number][] })[] = []
  let help: readonly [name: string, text: string] | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (kind === 'HELP') help = [name, rest]
    else if (kind === 'TYPE') {
      if (help?.[0] !== name) throw new Error(`TYPE without HELP: ${name}`)
      if (!metricName.test(name)) throw new Error(`No name: ${name}`)
      if (families.some((family) => family.name === name)) throw new Error(`Family twice: ${name}`)
      families.push({ name, type: rest, help: help[1], samples: [] })
    } else {
      const [, sampleName = '', labels = '', value = ''] = sampleLine.exec(line) ?? []
      if (sampleName === '') throw new Error(`No sample: ${line}`)
      const family = families.at(-1)
      if (!family) throw new Error(`Sample without a family: ${line}`)
      family.samples.push({ name: sampleName, labels: labelsOf(labels), value: valueOf(value) })
    }
  }
  families.forEach(check)
  return families
}
