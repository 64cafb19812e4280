import { accept, defineGame, reject, type DecideContext, type Seat, type Viewer } from 'gameledger'

export interface GoofspielState {
  bidders: (Seat & { hand: number[]; bid: number | null; points: number })[]
  prizes: number[] // still face down
  prize: number | null // what is bid for now
  dueAt: number // when time is up, in ms since 1970
}

export type GoofspielCommand =
  | { type: 'Start'; seats: readonly Seat[] }
  | { type: 'Bid'; player: string; card: number }
  | { type: 'TimeOut' }

export type GoofspielEvent =
  | { type: 'Started'; seats: readonly Seat[] }
  | { type: 'PrizeTurned'; prize: number; at: number }
  | { type: 'BidMade'; player: string; card: number }
  | { type: 'BidsShown'; cards: readonly number[]; winner: string | null }

const turned = (prizes: readonly number[], { now, random }: DecideContext) => {
  const prize = prizes[Math.floor(random() * prizes.length)]!
  return { type: 'PrizeTurned', prize, at: now } as const
}

/** Bids are made. When everybody has bid, the cards are shown, and the next prize is turned over. */
const bidding = (made: { player: string; card: number }[], state: GoofspielState, context: DecideContext) => {
  const bids = made.map(({ player, card }) => ({ type: 'BidMade', player, card }) as const)
  const cardOf = (player: string) => made.find((each) => each.player === player)?.card
  const [one, other] = state.bidders.map(({ player, bid }) => bid ?? cardOf(player))
  if (one === undefined || other === undefined) return accept(...bids)
  const winner = one === other ? null : state.bidders[one > other ? 0 : 1]!.player
  const shown = { type: 'BidsShown', cards: [one, other], winner } as const
  if (state.prizes.length === 0) return accept(...bids, shown)
  return accept(...bids, shown, turned(state.prizes, context))
}

const decide = (command: GoofspielCommand, state: GoofspielState, context: DecideContext) => {
  const { bidders, prizes, prize, dueAt } = state
  if (command.type === 'Start') {
    const [one, other, third] = command.seats
    if (bidders.length > 0) return reject('already-started')
    if (!one || !other || third || one.player === other.player) return reject('two-play')
    return accept({ type: 'Started', seats: command.seats }, turned(prizes, context))
  }
  if (prize === null) return reject('not-started')
  if (command.type === 'TimeOut') {
    if (context.now < dueAt) return reject('too-early')
    const silent = bidders.filter(({ bid }) => bid === null)
    const lowest = silent.map(({ player, hand }) => ({ player, card: Math.min(...hand) }))
    return bidding(lowest, state, context)
  }
  const own = bidders.find(({ player }) => player === command.player)
  if (!own) return reject('not-a-player')
  if (own.bid !== null) return reject('already-bid')
  if (!own.hand.includes(command.card)) return reject('not-in-hand', `You hold ${own.hand.join(', ')}.`)
  return bidding([command], state, context)
}

const evolve = (state: GoofspielState, event: GoofspielEvent): void => {
  if (event.type === 'Started')
    state.bidders = event.seats.map((seat) => ({ ...seat, hand: [1, 2, 3, 4, 5], bid: null, points: 0 }))
  if (event.type === 'PrizeTurned') {
    state.prize = event.prize
    state.prizes = state.prizes.filter((each) => each !== event.prize)
    state.dueAt = event.at + 30_000
  }
  for (const bidder of state.bidders) {
    if (event.type === 'BidMade' && event.player === bidder.player) bidder.bid = event.card
    if (event.type !== 'BidsShown') continue
    if (event.winner === bidder.player) bidder.points += state.prize!
    bidder.hand = bidder.hand.filter((card) => card !== bidder.bid)
    bidder.bid = null
  }
  if (event.type === 'BidsShown') state.prize = null
}

const maySee = (viewer: Viewer, player: string) =>
  viewer.as === 'operator' || (viewer.as === 'player' && viewer.player === player)

const view = (state: GoofspielState, viewer: Viewer) => ({
  ...state,
  bidders: state.bidders.map(({ bid, ...open }) => ({
    ...open,
    hasBid: bid !== null,
    bid: maySee(viewer, open.player) ? bid : null,
  })),
})
export type GoofspielView = ReturnType<typeof view>

export const goofspiel = defineGame({
  kind: 'goofspiel',
  initialState: { bidders: [], prizes: [1, 2, 3, 4, 5], prize: null, dueAt: 0 },
  decide,
  evolve,
  isTerminal: ({ prizes, prize }) => prizes.length === 0 && prize === null,
  players: ({ bidders }) => bidders.map(({ player }) => player),
  result: ({ bidders }) => ({
    standings: bidders.map(({ player, points }) => {
      const place = 1 + bidders.filter((other) => other.points > points).length
      return { player, place, score: points }
    }),
  }),
  view,
  viewEvent: (event, viewer) =>
    event.type === 'BidMade' && !maySee(viewer, event.player) ? { ...event, card: null } : event,
  deadline: ({ dueAt }) => ({ at: dueAt, command: { type: 'TimeOut' } }),
  botSeats: ({ bidders }) =>
    bidders.filter(({ isBot, bid }) => isBot && bid === null).map(({ player }) => player),
})
