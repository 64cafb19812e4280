/**
 * The ranking beside a real redis-server: the same updates give the same places, competition ranks, and pages.
 *
 * Redis orders equals by member: forwards in ZRANK, backwards in ZREVRANK and ZRANGE REV. Here all scores are reached at
 * one position, so that ours orders equals by `compare`, which does the same. The ids are ASCII: Redis compares bytes,
 * we compare UTF-16 units.
 */
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Ranking, type Direction } from '../../../src/projections/ranking/ranking.js'
import { proof } from '../../faults/proof.js'
import { startRedisServer, type RedisServer, type Reply } from '../../support/redis-server.js'

/** How each direction is asked for in Redis. */
const redisOf = {
  desc: {
    ordinal: (id: string) => ['ZREVRANK', 'board', id],
    better: (score: number) => ['ZCOUNT', 'board', `(${score}`, '+inf'],
    betterOrEqual: (score: number) => ['ZCOUNT', 'board', score, '+inf'],
    page: (from: number, to: number) => ['ZRANGE', 'board', from, to, 'REV'],
  },
  asc: {
    ordinal: (id: string) => ['ZRANK', 'board', id],
    better: (score: number) => ['ZCOUNT', 'board', '-inf', `(${score}`],
    betterOrEqual: (score: number) => ['ZCOUNT', 'board', '-inf', score],
    page: (from: number, to: number) => ['ZRANGE', 'board', from, to],
  },
}

interface Change {
  readonly player: number
  /** `undefined`: the player is removed. */
  readonly score: number | undefined
}

const changes = (players: number, scores: fc.Arbitrary<number>, count: number) =>
  fc.array(
    fc.record({ player: fc.nat(players - 1), score: fc.option(scores, { freq: 5, nil: undefined }) }),
    { minLength: count / 2, maxLength: count, size: 'max' },
  )

const someScores = {
  'many equals': fc.integer({ min: -3, max: 3 }),
  'hardly any': fc.oneof(
    fc.integer({ min: -1_000_000, max: 1_000_000 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  ),
}

proof('a ranking beside redis-server', ['redis'], () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedisServer()
  })
  afterAll(() => redis.stop())

  /** Plays the same changes on both; after each, and at the end for all players, the same questions. */
  const expectSame = async (
    direction: Direction,
    players: number,
    list: readonly Change[],
  ): Promise<void> => {
    const ask = redisOf[direction]
    const ids = Array.from(
      { length: players },
      (_, handle) => `player-${((handle * 7919) % players).toString(36)}`,
    )
    const sign = direction === 'desc' ? -1 : 1
    const ranking = new Ranking({
      direction,
      compare: (handle, other) => sign * (ids[handle]! < ids[other]! ? -1 : 1),
    })
    const commands: (readonly (string | number)[])[] = [['DEL', 'board']]
    const expected: Reply[] = [expect.any(Number)]
    const expectReply = (command: readonly (string | number)[], reply: Reply): void => {
      commands.push(command)
      expected.push(reply)
    }
    const question = (handle: number): void => {
      const score = ranking.scoreOf(handle)
      expectReply(ask.ordinal(ids[handle]!), ranking.ordinal(handle))
      if (score === undefined) return
      expectReply(ask.better(score), ranking.countBetter(score))
      expectReply(ask.betterOrEqual(score), ranking.countBetterOrEqual(score))
    }
    for (const { player, score } of list) {
      const isThere = ranking.scoreOf(player) !== undefined
      if (score === undefined) {
        expectReply(['ZREM', 'board', ids[player]!], Number(ranking.remove(player)))
      } else {
        ranking.set(player, score, 1)
        expectReply(['ZADD', 'board', score, ids[player]!], Number(!isThere))
      }
      question(player)
    }
    expectReply(['ZCARD', 'board'], ranking.size)
    for (let handle = 0; handle < players; handle++) question(handle)
    for (const from of [0, 1, ranking.size >> 1, Math.max(0, ranking.size - 3)])
      expectReply(
        ask.page(from, from + 49),
        ranking.slice(from, 50).map((handle) => ids[handle]!),
      )
    expect(await redis.send(commands)).toEqual(expected)
  }

  for (const direction of ['desc', 'asc'] as const)
    for (const [name, scores] of Object.entries(someScores)) {
      it(`has the same places, ranks and pages after each of many changes: ${direction}, ${name}`, async () => {
        await fc.assert(
          fc.asyncProperty(changes(30, scores, 200), (list) => expectSame(direction, 30, list)),
          { numRuns: 20 },
        )
      })

      it(`has them among thousands of players, too: ${direction}, ${name}`, async () => {
        const [list] = fc.sample(changes(2000, scores, 10_000), { numRuns: 1, seed: 1 })
        await expectSame(direction, 2000, list!)
      })
    }
})
