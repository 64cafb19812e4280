/**
 * Where the records of one stream are: a chain of stays, one a place, in order of first use.
 *
 *     holding: log-3 v1..v40  --next-->  [ log-7: v41.. ]  <--newest--
 *
 * A chain and not an array, and the oldest stay is the holding itself: most streams have one stay, and a journal may have
 * a million streams.
 */
/** The records of one stream in one place. */
export interface Stay<Place> {
  place: Place
  /** Of their records, but for padding. */
  bytes: number
  firstVersion: number
  lastVersion: number
  /** All of it stands in another place, too, and is read there. It waits here for its place to go. */
  isDead: boolean
  /** The next newer one. */
  next: Stay<Place> | undefined
}

/** All stays of a stream: the oldest, and what is true of the stream. */
export interface Holding<Place> extends Stay<Place> {
  /** Undefined where it is the oldest. */
  newer: Stay<Place> | undefined
  /** The number of the release, 0 while the stream is live. */
  released: number
  isRemnant: boolean
}

/** Oldest first. */
export function* staysOf<Place>(holding: Holding<Place> | undefined): Generator<Stay<Place>> {
  for (let stay: Stay<Place> | undefined = holding; stay !== undefined; stay = stay.next) yield stay
}

export const newestOf = <Place>(holding: Holding<Place>): Stay<Place> => holding.newer ?? holding

/** A stream that has records in one place. */
export const holdingOf = <Place>(
  place: Place,
  bytes: number,
  firstVersion: number,
  lastVersion: number,
): Holding<Place> => ({
  place,
  bytes,
  firstVersion,
  lastVersion,
  isDead: false,
  next: undefined,
  newer: undefined,
  released: 0,
  isRemnant: false,
})

/** It has some in another place from now on. */
export const addStay = <Place>(
  holding: Holding<Place>,
  place: Place,
  bytes: number,
  firstVersion: number,
  lastVersion: number,
): void => {
  const stay: Stay<Place> = { place, bytes, firstVersion, lastVersion, isDead: false, next: undefined }
  newestOf(holding).next = stay
  holding.newer = stay
}

/** What was known of a stay that was taken out. */
export interface TakenStay {
  readonly bytes: number
  readonly isDead: boolean
  /** None is left: the holding goes. */
  readonly isLast: boolean
}

/** Takes the oldest stay in a place out of the chain; the last one stays in it. */
export const takeOut = <Place>(holding: Holding<Place>, place: Place): TakenStay => {
  if (holding.place === place) return takeOldest(holding)
  let before: Stay<Place> = holding
  for (let stay = holding.next; stay !== undefined; stay = stay.next) {
    if (stay.place === place) {
      before.next = stay.next
      if (stay.next === undefined) holding.newer = before === holding ? undefined : before
      return { bytes: stay.bytes, isDead: stay.isDead, isLast: false }
    }
    before = stay
  }
  throw new Error('A place counts a stream that has no record in it.')
}

/** The holding becomes the next stay. */
const takeOldest = <Place>(holding: Holding<Place>): TakenStay => {
  const { bytes, isDead, next } = holding
  if (next === undefined) return { bytes, isDead, isLast: true }
  holding.place = next.place
  holding.bytes = next.bytes
  holding.firstVersion = next.firstVersion
  holding.lastVersion = next.lastVersion
  holding.isDead = next.isDead
  holding.next = next.next
  if (next.next === undefined) holding.newer = undefined
  return { bytes, isDead, isLast: false }
}
