import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { ArchiveTooNewError, CorruptManifestError } from '../../src/archive/archive-error.js'
import {
  batchOfManifestKey,
  manifestKeyOf,
  rewrittenKeyOf,
  segmentKeyOf,
} from '../../src/archive/batch-key.js'
import { encodeGonePositions, goneStretches } from '../../src/archive/gone-positions.js'
import {
  encodeManifest,
  manifestOf,
  parseManifest,
  replacingManifestOf,
  type GoneGame,
  type Manifest,
  type Replacement,
} from '../../src/archive/manifest.js'
import { buildSegment } from '../../src/archive/segment.js'
import { sha256Of } from '../../src/archive/state-hash.js'
import { fingerprintOf, fingerprintText, parseFingerprint } from '../../src/events/fingerprint.js'
import type { Position } from '../../src/events/ids.js'
import { rules, Table } from './played-games.js'

const key = manifestKeyOf(7)
let manifest: Manifest

beforeAll(async () => {
  const table = new Table()
  table.join('b', ['ann', 'bob'])
  table.playThrough('a')
  table.play('b', [{ type: 'Finished' }], { final: true, occurredAt: 5 })
  const segment = await buildSegment([...table.games.values()], rules)
  manifest = manifestOf('ledger-1', 7, segment, sha256Of(segment.bytes))
})

describe('a manifest', () => {
  it('comes back as it was', () => {
    expect(parseManifest(key, encodeManifest(manifest))).toEqual(manifest)
  })

  it('indexes the segment', () => {
    expect(manifest).toMatchObject({
      batch: 7,
      segment: segmentKeyOf(7),
      codec: 'gzip',
      firstPosition: 1,
      lastPosition: 9,
    })
    expect(
      manifest.games.map(({ gameId, firstPosition, lastPosition }) => [gameId, firstPosition, lastPosition]),
    ).toEqual([
      ['a', 3, 8],
      ['b', 1, 9],
    ])
    expect(manifest.games[1]).toMatchObject({ occurredAt: 5, players: ['ann', 'bob'], events: 3 })
    expect(manifest.games[1]!.offset + manifest.games[1]!.length).toBe(manifest.bytes)
  })

  it('never reads otherwise than it was written: every flipped byte is an error', () => {
    const bytes = encodeManifest(manifest)
    for (let at = 0; at < bytes.length - 1; at++) {
      const flipped = Buffer.from(bytes)
      flipped[at]! ^= 0x01
      expect(() => parseManifest(key, flipped), `byte ${at}`).toThrow()
    }
    expect(() => parseManifest(key, bytes.subarray(0, -20))).toThrow(CorruptManifestError)
    expect(() => parseManifest(manifestKeyOf(8), bytes)).toThrow(CorruptManifestError)
  })

  it('tells "too new" from "corrupt"', () => {
    const newer = encodeManifest({ ...manifest, format: 3 })
    expect(() => parseManifest(key, newer)).toThrow(ArchiveTooNewError)
    const zstd = encodeManifest({ ...manifest, codec: 'zstd' as 'gzip' })
    expect(() => parseManifest(key, zstd)).toThrow(ArchiveTooNewError)
  })

  it('refuses what does not hold together, though its check agrees', () => {
    const [first, second] = manifest.games
    const wrong: Partial<Manifest>[] = [
      { games: [] },
      { bytes: manifest.bytes + 1 },
      { sha256: 'abc' },
      { games: [second!, first!] },
      { games: [first!, { ...second!, events: 0 }] },
      { replaces: [1] },
      { gone: [gone], gonePositions: [11, 3] },
    ]
    for (const part of wrong)
      expect(() => parseManifest(key, encodeManifest({ ...manifest, ...part }))).toThrow(CorruptManifestError)
  })
})

/** Three events, at 12, 13 and 15. */
const gone: GoneGame = { fingerprint: '0123456789abcdef', events: 3, lastPosition: 15 as Position, lastAt: 7 }
const gonePositions = [11, 2, 1, 1]

/** Replaces 2, 3 and 5, and keeps nothing of one game but a tombstone. */
const replacing = (): Manifest => {
  const { ledger, batch, bytes, sha256, games } = manifest
  return replacingManifestOf(ledger, batch, {
    segment: rewrittenKeyOf(batch, sha256),
    bytes,
    sha256,
    firstPosition: 1 as Position,
    lastPosition: 15 as Position,
    games,
    replaces: [2, 3, 5],
    gone: [gone],
    gonePositions,
  })
}

/** No game is left. */
const empty = (): Manifest => ({ ...replacing(), segment: '', bytes: 0, sha256: sha256Of(''), games: [] })

describe('a manifest that replaces others', () => {
  it('comes back as it was', () => {
    expect(parseManifest(key, encodeManifest(replacing()))).toEqual(replacing())
    expect(parseManifest(key, encodeManifest(empty()))).toEqual(empty())
    const { gone: _, gonePositions: __, ...merged } = replacing()
    expect(
      replacingManifestOf('ledger-1', 7, { ...replacing(), gone: [], gonePositions: [] } as Replacement),
    ).toEqual(merged)
    expect(parseManifest(key, encodeManifest(merged))).toEqual(merged)
  })

  it('has a format of its own, so that whoever reads format 1 alone says "too new"', () => {
    expect(replacing().format).toBe(2)
    expect(encodeManifest(replacing()).toString().startsWith('{"format":2,')).toBe(true)
  })

  it('never reads otherwise than it was written: every flipped byte is an error', () => {
    for (const bytes of [encodeManifest(replacing()), encodeManifest(empty())])
      for (let at = 0; at < bytes.length - 1; at++) {
        const flipped = Buffer.from(bytes)
        flipped[at]! ^= 0x01
        expect(() => parseManifest(key, flipped), `byte ${at}`).toThrow()
      }
  })

  it('refuses what does not hold together, though its check agrees', () => {
    const later = { ...gone, lastPosition: 16 as Position }
    const wrong: Partial<Manifest>[] = [
      { replaces: [] },
      { replaces: [3, 2] },
      { replaces: [2, 7] },
      { gone: [] },
      { gone: [{ ...gone, fingerprint: '0123' }] },
      { gone: [{ ...gone, events: 2 }] },
      { gone: [later, gone], gonePositions: [9, 6] },
      { gonePositions: [11, 4] },
      { gonePositions: [11] },
      { gonePositions: [12, 3, 1, 0] },
      { gonePositions: [13, 3] },
      { games: [] },
    ]
    for (const part of wrong)
      expect(
        () => parseManifest(key, encodeManifest({ ...replacing(), ...part })),
        JSON.stringify(part),
      ).toThrow(CorruptManifestError)
    expect(() => parseManifest(key, encodeManifest({ ...empty(), bytes: 5 }))).toThrow(CorruptManifestError)
    const { gone: _, gonePositions: __, ...nothing } = empty()
    expect(() => parseManifest(key, encodeManifest(nothing))).toThrow(CorruptManifestError)
  })
})

it('keeps positions as stretches', () => {
  const positions = [41, 17, 18, 23, 19, 40]
  const encoded = encodeGonePositions(Float64Array.from(positions))
  expect(encoded).toEqual([16, 3, 3, 1, 16, 2])
  expect([...goneStretches(encoded)]).toEqual([
    [17, 19],
    [23, 23],
    [40, 41],
  ])
  expect(encodeGonePositions(Float64Array.of(2, 1))).toEqual([0, 2])
  expect(encodeGonePositions(new Float64Array())).toEqual([])
})

it('writes a fingerprint as text and reads it back', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const written = fingerprintText(fingerprintOf(text))
      expect(written).toMatch(/^[0-9a-f]{16}$/)
      expect(parseFingerprint(written)).toEqual(fingerprintOf(text))
    }),
  )
})

it('pads batch numbers, so that the order of keys is the order of batches', () => {
  expect(segmentKeyOf(42)).toBe('000000000042.ndjson.gz')
  expect(batchOfManifestKey(manifestKeyOf(42))).toBe(42)
  expect(batchOfManifestKey(segmentKeyOf(42))).toBeUndefined()
  expect(batchOfManifestKey('ledger.json')).toBeUndefined()
  expect(rewrittenKeyOf(42, 'ab'.repeat(32))).toBe('000000000042.rewritten-abababababababab.ndjson.gz')
})
