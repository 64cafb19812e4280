/**
 * `npm run prove:mutations -- --mutations N [--seed S] [--without checksums]`
 *
 * Exits 0 when no mutation shows a violation, else 1; a seed does the same again. With `--without checksums` it is the
 * other way round: the checksums are taken out, and the mutations must show it.
 */
import { parseArgs } from 'node:util'
import { misuse, say, whole } from '../support/arguments.js'
import { prove } from './prove.js'

const { values } = parseArgs({
  options: { mutations: { type: 'string' }, seed: { type: 'string' }, without: { type: 'string' } },
})

if (values.without !== undefined && values.without !== 'checksums')
  misuse(`There is no protection "${values.without}". Take checksums.`)
const withoutChecksums = values.without !== undefined
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : whole(values.seed, 'seed')
const mutations = whole(values.mutations ?? '3000', 'mutations')

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
