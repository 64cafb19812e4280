/** Many accidents to many journals, under one seed: each is judged, and all are counted. */
import { seededRandom } from '../../dist/events/seeded-random.js'
import { golden } from './golden.js'
import { judge, Violation, type Verdict } from './judge.js'
import { live, type Life } from './life.js'
import { mutate, type Mutant } from './mutation.js'
import { resealed } from './resealed.js'
import { unbound } from './unbound.js'

/** What keeps wrong bytes from being believed, what it is taken out by, and what that must show at the least. */
const controls = {
  checksums: { takenOut: resealed, shows: /^WRONG DATA/ },
  'life-ids': { takenOut: unbound, shows: /^(WRONG|MISSING) DATA/ },
} as const

export type Protection = keyof typeof controls
export const protections = Object.keys(controls) as readonly Protection[]

export interface Proof {
  readonly seed: number
  readonly mutations: number
  /** Take this protection out: after each accident the bytes are made to fit. */
  readonly without: Protection | undefined
  readonly say: (line: string) => void
}

/** So many accidents happen to one journal before the next is made. */
const mutationsALife = 40

const lifeOf = (seed: number, number: number): Promise<Life> =>
  number % 12 === 11 ? golden((['1', '1.1', '3'] as const)[((number - 11) / 12) % 3]!) : live(seed + number)

/** The number of accidents after which the journal broke its word; undefined where it never did. */
export const prove = async ({ seed, mutations, without, say }: Proof): Promise<number | undefined> => {
  const counts = new Map<string, number>()
  let [setAside, setAsideWhole, unnamed] = [0, 0, 0]
  let life: Life | undefined
  for (let at = 0; at < mutations; at++) {
    if (at % mutationsALife === 0) life = await lifeOf(seed, at / mutationsALife)
    const mutant = mutate(life!, seededRandom(seed + 7_919 * at))
    const shown = without ? { ...mutant, image: controls[without].takenOut(mutant.image) } : mutant
    const verdict = await judged(life!, shown, say, `seed ${seed}, mutation ${at}`, without)
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
  without: Protection | undefined,
): Promise<Verdict | 'violation' | 'confusion'> => {
  try {
    return await judge(life, mutant)
  } catch (error) {
    const what = error instanceof Violation ? error.message : String((error as Error).stack)
    if (without && !controls[without].shows.test(what)) return 'confusion'
    say(`${where}: ${life.name}, ${mutant.what}: ${what}`)
    return 'violation'
  }
}
