/**
 * Where the records of one stream are: a chain of stays, one a place, in order of first use.
 *
 *     holding  --oldest--> [ log-3: v1..v40 ] --next--> [ log-7: v41.. ]  <--newest--
 *
 * A chain and not an array: most streams have one stay, and a journal may have a million streams.
 */
/** The records of one stream in one place. */
export interface Stay<Place> {
  readonly place: Place
  /** Of their records, but for padding. */
  bytes: number
  readonly firstVersion: number
  lastVersion: number
  /** All of it stands in another place, too, and is read there. It waits here for its place to go. */
  isDead: boolean
  /** The next newer one. */
  next: Stay<Place> | undefined
}

export interface Holding<Place> {
  oldest: Stay<Place>
  newest: Stay<Place>
  /** The number of the release, 0 while the stream is live. */
  released: number
  isRemnant: boolean
}

/** Oldest first. */
export function* staysOf<Place>(holding: Holding<Place> | undefined): Generator<Stay<Place>> {
  for (let stay = holding?.oldest; stay !== undefined; stay = stay.next) yield stay
}

/** A stream that has records in one place. */
export const holdingOf = <Place>(stay: Stay<Place>): Holding<Place> => ({
  oldest: stay,
  newest: stay,
  released: 0,
  isRemnant: false,
})

/** It has some in another place from now on. */
export const addStay = <Place>(holding: Holding<Place>, stay: Stay<Place>): void => {
  holding.newest.next = stay
  holding.newest = stay
}

/** Takes the oldest stay in a place out of the chain; the last one stays in it, for the holding goes. */
export const takeOut = <Place>(
  holding: Holding<Place>,
  place: Place,
): { readonly stay: Stay<Place>; readonly isLast: boolean } => {
  let before: Stay<Place> | undefined
  for (const stay of staysOf(holding)) {
    if (stay.place === place) {
      const { next } = stay
      const isLast = before === undefined && next === undefined
      if (before) before.next = next
      else if (next) holding.oldest = next
      if (!next && before) holding.newest = before
      return { stay, isLast }
    }
    before = stay
  }
  throw new Error('A place counts a stream that has no record in it.')
}
