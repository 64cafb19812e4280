/** Many accidents to many journals, under one seed: each is judged, and all are counted. */
import { seededRandom } from '../../dist/events/seeded-random.js'
import { golden } from './golden.js'
import { judge, Violation, type Verdict } from './judge.js'
import { live, type Life } from './life.js'
import { mutate, type Mutant } from './mutation.js'
import { resealed } from './resealed.js'

export interface Proof {
  readonly seed: number
  readonly mutations: number
  /** Take out the checksums: after each accident they are made to fit. */
  readonly withoutChecksums: boolean
  readonly say: (line: string) => void
}

/** So many accidents happen to one journal before the next is made. */
const mutationsALife = 40

const lifeOf = (seed: number, number: number): Promise<Life> =>
  number % 12 === 11 ? golden((['1', '1.1', '3'] as const)[((number - 11) / 12) % 3]!) : live(seed + number)

/** The number of accidents after which the journal broke its word; undefined where it never did. */
export const prove = async ({
  seed,
  mutations,
  withoutChecksums,
  say,
}: Proof): Promise<number | undefined> => {
  const counts = new Map<string, number>()
  let [setAside, setAsideWhole, unnamed] = [0, 0, 0]
  let life: Life | undefined
  for (let at = 0; at < mutations; at++) {
    if (at % mutationsALife === 0) life = await lifeOf(seed, at / mutationsALife)
    const mutant = mutate(life!, seededRandom(seed + 7_919 * at))
    const shown = withoutChecksums ? { ...mutant, image: resealed(mutant.image) } : mutant
    const verdict = await judged(life!, shown, say, `seed ${seed}, mutation ${at}`, withoutChecksums)
    if (verdict === 'violation') return at
    if (verdict === 'confusion') continue
    counts.set(verdict.outcome, (counts.get(verdict.outcome) ?? 0) + 1)
    setAside += verdict.setAside
    setAsideWhole += verdict.setAsideWhole
    if (verdict.isAnyUnnamed) unnamed++
  }
  const told = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')
  say(
    `${mutations} mutations from seed ${seed}: 0 violations; ${told}; ${setAside} games set aside, of which ` +
      `${setAsideWhole} were whole; ${unnamed} times a game was gone of which nothing was left`,
  )
  return undefined
}

const judged = async (
  life: Life,
  mutant: Mutant,
  say: (line: string) => void,
  where: string,
  withoutChecksums: boolean,
): Promise<Verdict | 'violation' | 'confusion'> => {
  try {
    return await judge(life, mutant)
  } catch (error) {
    const what = error instanceof Violation ? error.message : String((error as Error).stack)
    // The control is to show wrong data, and nothing less.
    if (withoutChecksums && !what.startsWith('WRONG DATA')) return 'confusion'
    say(`${where}: ${life.name}, ${mutant.what}: ${what}`)
    return 'violation'
  }
}
