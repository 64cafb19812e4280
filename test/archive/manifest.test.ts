import { beforeAll, describe, expect, it } from 'vitest'
import { ArchiveTooNewError, CorruptManifestError } from '../../src/archive/archive-error.js'
import { batchOfManifestKey, manifestKeyOf, segmentKeyOf } from '../../src/archive/batch-key.js'
import { encodeManifest, manifestOf, parseManifest, type Manifest } from '../../src/archive/manifest.js'
import { buildSegment } from '../../src/archive/segment.js'
import { sha256Of } from '../../src/archive/state-hash.js'
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
    const newer = encodeManifest({ ...manifest, format: 2 })
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
    ]
    for (const part of wrong)
      expect(() => parseManifest(key, encodeManifest({ ...manifest, ...part }))).toThrow(CorruptManifestError)
  })
})

it('pads batch numbers, so that the order of keys is the order of batches', () => {
  expect(segmentKeyOf(42)).toBe('000000000042.ndjson.gz')
  expect(batchOfManifestKey(manifestKeyOf(42))).toBe(42)
  expect(batchOfManifestKey(segmentKeyOf(42))).toBeUndefined()
  expect(batchOfManifestKey('ledger.json')).toBeUndefined()
})
