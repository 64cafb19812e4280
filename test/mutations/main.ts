/**
 * `npm run prove:mutations -- --mutations N [--seed S] [--without PROTECTION]`
 *
 * Exits 0 when no mutation shows a violation, else 1; a seed does the same again. With `--without` it is the other way
 * round: checksums, or the ids of a file's lives, are taken out, and the mutations must show it.
 */
import { parseArgs } from 'node:util'
import { misuse, say, whole } from '../support/arguments.js'
import { protections, prove } from './prove.js'

const { values } = parseArgs({
  options: { mutations: { type: 'string' }, seed: { type: 'string' }, without: { type: 'string' } },
})

const without = protections.find((name) => name === values.without)
if (values.without !== without)
  misuse(`There is no protection "${values.without}". Take one of ${protections.join(', ')}.`)
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : whole(values.seed, 'seed')
const mutations = whole(values.mutations ?? '3000', 'mutations')

const begun = performance.now()
const shownAfter = await prove({ seed, mutations, without, say })
if (without) {
  say(
    shownAfter === undefined
      ? `without ${without}: ${mutations} mutations from seed ${seed} show nothing. The proof is blind.`
      : `without ${without}: a violation after ${shownAfter + 1} mutations`,
  )
  process.exit(shownAfter === undefined ? 1 : 0)
}
say(`${Math.round((1_000 * mutations) / (performance.now() - begun))} mutations/s`)
process.exit(shownAfter === undefined ? 0 : 1)
