import { describe, expect, test } from 'vitest'
import type { EventEnvelope } from '../../src/events/envelope.js'
import { envelopeOf } from '../../src/events/codec.js'
import type { Position } from '../../src/events/ids.js'
import { EventStream } from '../../src/events/event-stream.js'
import { Publisher, type Publication } from '../../src/events/publisher.js'

const envelopeAt = (position: number): EventEnvelope =>
  envelopeOf('k', 'g', position, position as Position, 1, 1, { type: 'E' }, false, {})

/** Publications of one event (or `count`) each; writes down what happens to them. */
class Desk {
  readonly heard: string[] = []
  #ticket = 0

  readonly sink = ({ position }: EventEnvelope): void => {
    this.heard.push(`event ${position}`)
  }

  publication(count = 1): Publication {
    const ticket = ++this.#ticket
    return {
      ticket,
      envelopes: () => Array.from({ length: count }, () => envelopeAt(ticket)),
      settle: () => this.heard.push(`settled ${ticket}`),
      fail: (cause) => this.heard.push(`failed ${ticket} ${String(cause)}`),
    }
  }
}

const deskAt = (degree: 'memory' | 'written' | 'synced') => {
  const desk = new Desk()
  return { desk, publisher: new Publisher(degree, [desk.sink]) }
}

describe('the publisher', () => {
  test('publishes in order what the watermark of its degree has reached, and answers after the sinks', () => {
    const { desk, publisher } = deskAt('synced')
    for (let nth = 0; nth < 3; nth++) publisher.add(desk.publication())
    publisher.reach('written', 3)
    expect(desk.heard).toEqual([])
    publisher.reach('synced', 2)
    expect(desk.heard).toEqual(['event 1', 'settled 1', 'event 2', 'settled 2'])
    expect(publisher.depth).toBe(1)
    publisher.reach('synced', 3)
    expect(desk.heard).toHaveLength(6)
  })

  test.each([
    ['memory', ['memory', 'written', 'synced']],
    ['written', ['written', 'synced']],
    ['synced', ['synced']],
  ] as const)('at degree %s hears the watermarks %j alone', (degree, enough) => {
    for (const watermark of ['memory', 'written', 'synced'] as const) {
      const { desk, publisher } = deskAt(degree)
      publisher.add(desk.publication())
      publisher.reach(watermark, 1)
      expect(desk.heard.length > 0).toBe((enough as readonly string[]).includes(watermark))
    }
  })

  test('yields after 1 000 events, and takes up again in a later turn', async () => {
    const { desk, publisher } = deskAt('synced')
    for (let nth = 0; nth < 25; nth++) publisher.add(desk.publication(100))
    publisher.reach('synced', 25)
    expect(desk.heard.filter((line) => line.startsWith('settled')).length).toBeLessThanOrEqual(10)
    expect(publisher.depth).toBeGreaterThanOrEqual(15)
    await publisher.idle()
    expect(desk.heard.filter((line) => line.startsWith('settled'))).toEqual(
      Array.from({ length: 25 }, (_, nth) => `settled ${nth + 1}`),
    )
  })

  test('what a sink adds is published after what was there before', () => {
    const desk = new Desk()
    const publisher: Publisher = new Publisher('memory', [
      desk.sink,
      ({ position }) => {
        if (position !== 1) return
        publisher.add(desk.publication())
        publisher.reach('memory', 3)
      },
      ({ position }) => desk.heard.push(`later ${position}`),
    ])
    publisher.add(desk.publication())
    publisher.add(desk.publication())
    publisher.reach('memory', 2)
    expect(desk.heard.filter((line) => !line.startsWith('settled'))).toEqual(
      [1, 2, 3].flatMap((nth) => [`event ${nth}`, `later ${nth}`]),
    )
  })

  test('when the journal fails, what is safe is still published, the rest fails, and nobody waits for ever', async () => {
    const { desk, publisher } = deskAt('written')
    for (let nth = 0; nth < 3; nth++) publisher.add(desk.publication())
    publisher.reach('written', 1)
    const stronger = publisher.safe('synced', 1)
    const idle = publisher.idle()
    publisher.fail('broken')
    publisher.fail('again')
    expect(desk.heard).toEqual(['event 1', 'settled 1', 'failed 2 broken', 'failed 3 broken'])
    await expect(stronger).rejects.toBe('broken')
    await expect(publisher.safe('synced', 3)).rejects.toBe('broken')
    await publisher.safe('written', 1)
    await idle
  })
})

describe('a stream of events', () => {
  const isolated = () => {
    const reported: unknown[] = []
    return { reported, stream: new EventStream<number>((cause) => reported.push(cause)) }
  }

  test('tells who comes after the end that nothing follows', () => {
    const { stream } = isolated()
    const ends: string[] = []
    stream.observable.subscribe({ complete: () => ends.push('early') })
    stream.complete()
    stream.observable.subscribe({ complete: () => ends.push('late') })
    expect(ends).toEqual(['early', 'late'])
    expect(stream.subscriberCount).toBe(0)
  })

  test('a subscriber that leaves in the midst of a value hears nothing more; the others do', () => {
    const { stream } = isolated()
    const heard: string[] = []
    stream.observable.subscribe((value) => {
      heard.push(`a${value}`)
      second.unsubscribe()
    })
    const second = stream.observable.subscribe((value) => heard.push(`b${value}`))
    stream.observable.subscribe((value) => heard.push(`c${value}`))
    stream.publish(1)
    stream.publish(2)
    expect(heard).toEqual(['a1', 'c1', 'a2', 'c2'])
  })

  test('what an observer throws when told of the end is reported, and the others are told', () => {
    const { stream, reported } = isolated()
    let isTold = false
    stream.observable.subscribe({
      complete: () => {
        throw new Error('at the end')
      },
    })
    stream.observable.subscribe({ complete: () => (isTold = true) })
    stream.complete()
    expect(isTold).toBe(true)
    expect(reported).toMatchObject([{ message: 'at the end' }])
  })
})
