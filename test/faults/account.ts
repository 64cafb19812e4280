/**
 * The account of one directory over the lives that were played in it: what its players said, against what is found.
 *
 *     found = kept from before  +  a prefix of what this life offered, in that order, command by command
 *
 * Everything acknowledged must be in that prefix, at the position that the receipt names; a position that was ever
 * published never names another event. Where a life was to lose something, `lost` counts what it did.
 */
import type { Line } from './script.js'

/** An event as it is found: its place and its text. */
export interface Found {
  readonly position: number
  readonly text: string
}

/** What is found breaks a promise, whatever may be lost. */
export class Violation extends Error {}

interface Offer {
  readonly events: readonly string[]
  /** Of its last event, by its receipt. */
  acknowledgedAt?: number
}

/** What became of one life. */
export interface Outcome {
  /** Commands. */
  readonly acknowledged: number
  readonly lost: number
  /** Events that were found of this life. */
  readonly events: number
  /** Events that were published, and not found again. */
  readonly takenBack: number
}

export class Account {
  #kept: readonly Found[] = []
  readonly #published = new Map<number, string>()

  /** Compares what one life said with what is found after it; that is what the next life begins with. */
  settle(lines: readonly Line[], found: readonly Found[]): Outcome {
    const offers = offersOf(lines)
    this.#kept.forEach(({ position, text }, at) => {
      const there = found[at]
      if (there?.position !== position || there.text !== text)
        throw new Violation(`position ${position} was ${text}, and is now ${shown(there)}`)
    })
    const news = found.slice(this.#kept.length)
    const end = prefixOf(offers, news)
    const seen = new Map(news.map(({ position, text }) => [position, text]))
    let takenBack = 0
    for (const line of lines)
      if (line[0] === 'published') {
        const [, position, text] = line
        this.#note(position, text)
        if (!seen.has(position)) takenBack++
      }
    for (const { position, text } of news) this.#note(position, text)
    this.#kept = found
    const acknowledged = [...offers.values()].filter(({ acknowledgedAt }) => acknowledgedAt !== undefined)
    const lost = acknowledged.filter(
      ({ acknowledgedAt, events }) => seen.get(acknowledgedAt!) !== events.at(-1),
    ).length
    return { acknowledged: acknowledged.length, lost, events: end, takenBack }
  }

  #note(position: number, text: string): void {
    const before = this.#published.get(position)
    if (before !== undefined && before !== text)
      throw new Violation(`position ${position} was published as ${before}, and is now ${text}`)
    this.#published.set(position, text)
  }
}

const shown = (found: Found | undefined): string =>
  found ? `${found.text} at ${found.position}` : 'not there'

/** In order; without those that were refused, unless their journal failed: of these nobody knows. */
const offersOf = (lines: readonly Line[]): ReadonlyMap<number, Offer> => {
  const offers = new Map<number, Offer>()
  for (const line of lines)
    if (line[0] === 'offered') offers.set(line[1], { events: line[3] })
    else if (line[0] === 'acknowledged') offers.get(line[1])!.acknowledgedAt = line[2]
    else if (line[0] === 'refused' && !line[2].startsWith('Unavailable journal-failed'))
      offers.delete(line[1])
  return offers
}

/** How many events of the news are whole commands, in the order of the offers: all of them, or it is a violation. */
const prefixOf = (offers: ReadonlyMap<number, Offer>, news: readonly Found[]): number => {
  let at = 0
  for (const { events } of offers.values()) {
    if (at === news.length) break
    for (const event of events) {
      const found = news[at]
      const isNext = found?.position === news[0]!.position + at
      if (found?.text !== event || !isNext)
        throw new Violation(`expected ${event} behind ${shown(news[at - 1])}, found ${shown(found)}`)
      at++
    }
  }
  if (at < news.length) throw new Violation(`nobody offered ${shown(news[at])}`)
  return at
}
