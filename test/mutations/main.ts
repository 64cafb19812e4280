/**
 * `npm run prove:mutations -- --mutations N [--seed S] [--without checksums]`
 *
 * Exits 0 when no mutation shows a violation, else 1; a seed does the same again. With `--without checksums` it is the
 * other way round: the checksums are taken out, and the mutations must show it.
 */
import { parseArgs } from 'node:util'
import { prove } from './prove.js'

const { values } = parseArgs({
  options: { mutations: { type: 'string' }, seed: { type: 'string' }, without: { type: 'string' } },
})

const misuse = (message: string): never => {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}

const whole = (text: string, name: string): number => {
  const value = Number(text)
  return Number.isSafeInteger(value) && value >= 0
    ? value
    : misuse(`--${name} must be a whole number; got ${text}.`)
}

if (values.without !== undefined && values.without !== 'checksums')
  misuse(`There is no protection "${values.without}". Take checksums.`)
const withoutChecksums = values.without !== undefined
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : whole(values.seed, 'seed')
const mutations = whole(values.mutations ?? '3000', 'mutations')
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const begun = performance.now()
const shownAfter = await prove({ seed, mutations, withoutChecksums, say })
if (withoutChecksums) {
  say(
    shownAfter === undefined
      ? `without checksums: ${mutations} mutations from seed ${seed} show nothing. The proof is blind.`
      : `without checksums: a violation after ${shownAfter + 1} mutations`,
  )
  process.exit(shownAfter === undefined ? 1 : 0)
}
say(`${Math.round((1_000 * mutations) / (performance.now() - begun))} mutations/s`)
process.exit(shownAfter === undefined ? 0 : 1)
