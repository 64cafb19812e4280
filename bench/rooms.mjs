// Rooms: what it costs to open, find, join and leave one while there are a thousand of them, and while there are a hundred
// thousand. That should be about the same: everything is a table look-up. Memory journal; the room directory listens.
//
//     npm run bench -- rooms
//
// Figures are operations per CPU second (user + system, all threads), medians of five, each in a ledger of its own. In both
// the same 1 000 rooms are worked on, spread evenly over all; what grows besides are misses of the processor's caches.
import { openLedger } from '../dist/index.js'
import { load } from './load.mjs'
import { measureCpu, median } from './measure.mjs'

const rounds = 5
const worked = 1_000
/** Finding takes so little that it is done so often to be measured. */
const finds = 10

const ofRight = (answer) => {
  if (answer._tag === 'Left') throw new Error(JSON.stringify(answer.left))
  return answer.right
}

const all = async (count, work) => {
  for (let from = 0; from < count; from += 1_000)
    await Promise.all(Array.from({ length: Math.min(1_000, count - from) }, (_, nth) => work(from + nth)))
}

const once = async (rooms) => {
  const ledger = await openLedger({ games: [load], checks: false, gamesLiveMax: 1_000_000 })
  const codes = []
  const create = async (roomId, host) =>
    ofRight(await ledger.rooms.create({ roomId, host, game: load.kind, capacity: 4 })).code
  await all(rooms, async (nth) => (codes[nth] = await create(`room-${nth}`, `host-${nth}`)))
  const at = (nth) => Math.floor((nth * rooms) / worked)
  const { rooms: directory } = ledger.views
  let found = 0
  const works = {
    create: () => all(worked, (nth) => create(`late-${nth}`, `late-host-${nth}`)),
    'join by id': () =>
      all(worked, async (nth) => ofRight(await ledger.rooms.join(`room-${at(nth)}`, `ann-${nth}`))),
    'join by code': () =>
      all(worked, async (nth) => ofRight(await ledger.rooms.joinByCode(codes[at(nth)], `bob-${nth}`))),
    leave: () =>
      all(worked, async (nth) => ofRight(await ledger.rooms.leave(`room-${at(nth)}`, `ann-${nth}`))),
    'find by code': async () => {
      for (let nth = 0; nth < worked * finds; nth++)
        found += directory.byCode(codes[at(nth % worked)]).capacity
    },
    'find by player': async () => {
      for (let nth = 0; nth < worked * finds; nth++)
        found += directory.ofPlayer(`host-${at(nth % worked)}`).length
    },
  }
  const rates = {}
  for (const [name, work] of Object.entries(works))
    rates[name] = (worked * (name.startsWith('find') ? finds : 1)) / (await measureCpu(work))
  if (found !== worked * finds * 5) throw new Error(`Of ${worked} rooms not all were found: ${found}.`)
  await ledger.close()
  return rates
}

const medians = (runs) =>
  Object.fromEntries(Object.keys(runs[0]).map((name) => [name, median(runs.map((rates) => rates[name]))]))

export const run = async () => {
  const [few, many] = [[], []]
  for (let round = 0; round <= rounds; round++) {
    const [one, other] = [await once(1_000), await once(100_000)]
    // The first round warms up.
    if (round === 0) continue
    few.push(one)
    many.push(other)
  }
  const results = { '1 000 rooms': medians(few), '100 000 rooms': medians(many) }
  const slower = Object.keys(results['1 000 rooms']).map(
    (name) => results['1 000 rooms'][name] / results['100 000 rooms'][name],
  )
  const worst = Math.max(...slower)
  return {
    unit: 'operations per CPU second',
    results,
    promises: [
      {
        promise: 'no operation on rooms is more than 3 times dearer at 100 000 rooms than at 1 000',
        holds: worst <= 3,
        value: Number(worst.toFixed(2)),
      },
    ],
  }
}
