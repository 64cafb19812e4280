/** What each event makes of the state. It writes into the draft, refuses nothing, and copies what it keeps of an event. */
import type { EventOf, LiapEvent } from './events.js'
import { dueAfter } from './clock.js'
import { handWithout } from './hands.js'
import { copyOfPiece } from './pieces.js'
import { weakHand } from './rules.js'
import { declaredSoFar, seatOf, type LiapState, type Phase, type Seat } from './state.js'

type RedealDecided = Extract<LiapEvent, { readonly type: 'RedealAccepted' | 'RedealDeclined' }>

const begin = (state: LiapState, phase: Phase, at: number): void => {
  state.phase = phase
  state.dueAt = dueAfter(phase, at)
}

const onStarted = (state: LiapState, { seats, target, roundLimit }: EventOf<'Started'>): void => {
  state.target = target
  state.roundLimit = roundLimit
  state.seats = seats.map(({ player, isBot }) => ({
    player,
    isBot,
    isAway: false,
    hand: [],
    declared: null,
    captured: 0,
    zeroStreak: 0,
    score: 0,
    turnsWon: 0,
    perfectRounds: 0,
  }))
}

const onDealt = (state: LiapState, event: EventOf<'Dealt'>): void => {
  state.round = event.round
  state.multiplier = event.multiplier
  state.starter = seatOf(state.seats, event.starter)
  state.leader = state.starter
  state.plays = []
  state.undecided = []
  state.accepters = []
  for (const [index, seat] of state.seats.entries()) {
    const { pieces } = event.hands[index]!
    seat.hand = pieces.map(copyOfPiece)
    seat.declared = null
    seat.captured = 0
    if (weakHand(pieces)) state.undecided.push(index)
  }
  begin(state, state.undecided.length > 0 ? 'preparation' : 'declaration', event.at)
}

const onRedealDecided = (state: LiapState, { type, player, at }: RedealDecided): void => {
  const seat = seatOf(state.seats, player)
  state.undecided = state.undecided.filter((each) => each !== seat)
  if (type === 'RedealAccepted') state.accepters.push(seat)
  // After an acceptance the hands are dealt anew.
  if (state.undecided.length === 0 && state.accepters.length === 0) begin(state, 'declaration', at)
}

const onDeclared = (state: LiapState, seat: Seat, { piles, at }: EventOf<'Declared'>): void => {
  seat.declared = piles
  if (declaredSoFar(state).length === 4) begin(state, 'turn', at)
}

const onPlayed = (state: LiapState, seat: Seat, { player, pieces }: EventOf<'Played'>): void => {
  seat.hand = handWithout(seat.hand, pieces)!
  state.plays.push({ seat: seatOf(state.seats, player), pieces: pieces.map(copyOfPiece) })
}

const onTurnWon = (state: LiapState, seat: Seat, { player, piles, at }: EventOf<'TurnWon'>): void => {
  seat.captured += piles
  seat.turnsWon += 1
  state.leader = seatOf(state.seats, player)
  state.lastTurn = { plays: state.plays, winner: state.leader }
  state.plays = []
  begin(state, 'turn', at)
}

const onRoundScored = (state: LiapState, { lines }: EventOf<'RoundScored'>): void => {
  state.phase = 'scoring'
  for (const [index, { declared, captured, points }] of lines.entries()) {
    const seat = state.seats[index]!
    seat.score += points
    seat.zeroStreak = declared === 0 ? seat.zeroStreak + 1 : 0
    if (declared > 0 && declared === captured) seat.perfectRounds += 1
  }
}

export const evolve = (state: LiapState, event: LiapEvent): void => {
  const seatOfEvent = ({ player }: { readonly player: string }): Seat =>
    state.seats[seatOf(state.seats, player)]!
  switch (event.type) {
    case 'Started':
      return onStarted(state, event)
    case 'Dealt':
      return onDealt(state, event)
    case 'RedealAccepted':
    case 'RedealDeclined':
      return onRedealDecided(state, event)
    case 'Declared':
      return onDeclared(state, seatOfEvent(event), event)
    case 'Played':
      return onPlayed(state, seatOfEvent(event), event)
    case 'TurnWon':
      return onTurnWon(state, seatOfEvent(event), event)
    case 'RoundScored':
      return onRoundScored(state, event)
    case 'BotTookOver':
    case 'PlayerReturned':
      seatOfEvent(event).isAway = event.type === 'BotTookOver'
      return
    case 'Ended':
      state.phase = 'over'
      state.endedBy = event.reason
      return
  }
}
