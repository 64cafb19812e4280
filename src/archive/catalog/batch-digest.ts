/**
 * What the catalog keeps of a manifest, as one run of bytes: made from the manifest once, kept in the saved catalog, and
 * entered from there without reading the manifest again.
 *
 *     0   8  batch                      56  4  first 32 bits of the segment's sha256, u32
 *     8   8  first position             60  4  slots, u32: games, those that are gone included
 *     16  8  last position              64  4  seats, u32
 *     24  8  first final position       68  4  kinds, u32
 *     32  8  earliest end, ms           72  8  batches that it replaces
 *     40  8  latest end, ms             80     (f64 where nothing is said; little-endian, like all numbers)
 *     48  8  bytes of the segment
 *
 *     80     fingerprint of each slot's stream, high u32 | low u32, in order of final position
 *      .     fingerprint of each seat's player, the same, slot by slot
 *      .     number of each batch that it replaces, f64
 *      .     of each kind: events f64 | highest final position of its games that are gone f64, 0: none is
 *            | games u32 | length of its name u32
 *      .     seats of each slot, u16; 0 where the game is gone
 *      .     names of the kinds, UTF-8
 *
 * No name of a player and no id of a game is in here. Ends are by `recordedAt` and by `occurredAt`, the earliest and the latest
 * of both. Where no game is left, they are Infinity and -Infinity.
 */
import { isErased } from '../../events/erased-player.js'
import { fingerprintOf, parseFingerprint, type Fingerprint } from '../../events/fingerprint.js'
import { streamIdOf, type Kind, type Position } from '../../events/ids.js'
import type { Manifest } from '../manifest.js'
import { slotsOf } from '../packed-slots.js'

/** The games of one kind in a batch. */
export interface KindShare {
  readonly kind: Kind
  readonly games: number
  readonly events: number
  /** The highest final position of a game of it that is gone; 0 where none is. */
  readonly goneThrough: number
}

export interface BatchDigest {
  readonly batch: number
  readonly firstPosition: Position
  readonly lastPosition: Position
  readonly firstFinalPosition: Position
  readonly firstEndAt: number
  readonly lastEndAt: number
  readonly bytes: number
  /** The first 32 bits of the segment's sha256. */
  readonly check: number
  readonly kinds: readonly KindShare[]
  readonly replaces: readonly number[]
  readonly slots: readonly SlotDigest[]
}

/** A game by its place in the order of final positions; without players where it is gone. */
export interface SlotDigest {
  readonly stream: Fingerprint
  readonly players: readonly Fingerprint[]
}

const headBytes = 80
/** Of a game with more players the last are not found by name. */
const seatsMax = 0xffff

/** The part of a segment's sha256 that a digest keeps. */
export const checkOf = ({ sha256 }: Pick<Manifest, 'sha256'>): number =>
  Number.parseInt(sha256.slice(0, 8), 16)

/** What the catalog keeps of a manifest. O(games). */
export const digestOf = (manifest: Manifest): BatchDigest => {
  const { batch, firstPosition, lastPosition, bytes, replaces = [], gone = [] } = manifest
  const slots = slotsOf(manifest)
  const kinds = new Map<Kind, { kind: Kind; games: number; events: number; goneThrough: number }>()
  const shareOf = (kind: Kind) => {
    const share = kinds.get(kind) ?? { kind, games: 0, events: 0, goneThrough: 0 }
    kinds.set(kind, share)
    return share
  }
  let firstEndAt = Infinity
  let lastEndAt = -Infinity
  for (const { kind, lastAt, occurredAt = lastAt, events } of manifest.games) {
    firstEndAt = Math.min(firstEndAt, lastAt, occurredAt)
    lastEndAt = Math.max(lastEndAt, lastAt, occurredAt)
    const share = shareOf(kind)
    share.games++
    share.events += events
  }
  for (const { kind, lastPosition: goneThrough } of gone) shareOf(kind).goneThrough = goneThrough
  return {
    batch,
    firstPosition,
    lastPosition,
    firstFinalPosition: slots[0]!.lastPosition,
    firstEndAt,
    lastEndAt,
    bytes,
    check: checkOf(manifest),
    kinds: [...kinds.values()],
    replaces,
    slots: slots.map((slot) =>
      'fingerprint' in slot
        ? { stream: parseFingerprint(slot.fingerprint), players: [] }
        : {
            stream: fingerprintOf(streamIdOf(slot.kind, slot.gameId)),
            // Who was erased is never listed.
            players: [...new Set(slot.players)]
              .filter((player) => !isErased(player))
              .slice(0, seatsMax)
              .map(fingerprintOf),
          },
    ),
  }
}

/** The bytes of a digest. */
export const encodeDigest = (digest: BatchDigest): Buffer => {
  const { kinds, replaces, slots } = digest
  const names = kinds.map(({ kind }) => Buffer.from(kind))
  const seats = slots.reduce((sum, { players }) => sum + players.length, 0)
  const bytes = Buffer.allocUnsafe(
    headBytes +
      8 * (slots.length + seats + replaces.length) +
      24 * kinds.length +
      2 * slots.length +
      names.reduce((sum, { length }) => sum + length, 0),
  )
  let at = 0
  const double = (value: number) => (at = bytes.writeDoubleLE(value, at))
  const word = (value: number) => (at = bytes.writeUInt32LE(value, at))
  const print = ({ high, low }: Fingerprint) => {
    word(high)
    word(low)
  }
  double(digest.batch)
  double(digest.firstPosition)
  double(digest.lastPosition)
  double(digest.firstFinalPosition)
  double(digest.firstEndAt)
  double(digest.lastEndAt)
  double(digest.bytes)
  word(digest.check)
  word(slots.length)
  word(seats)
  word(kinds.length)
  double(replaces.length)
  for (const { stream } of slots) print(stream)
  for (const { players } of slots) players.forEach(print)
  replaces.forEach(double)
  kinds.forEach(({ events, games, goneThrough }, nth) => {
    double(events)
    double(goneThrough)
    word(games)
    word(names[nth]!.length)
  })
  for (const { players } of slots) at = bytes.writeUInt16LE(players.length, at)
  for (const name of names) at += name.copy(bytes, at)
  return bytes
}

/** Reads a digest back; its bytes are believed, a checksum has been compared. */
export const decodeDigest = (bytes: Buffer): BatchDigest => {
  let at = 0
  const double = (): number => bytes.readDoubleLE((at += 8) - 8)
  const word = (): number => bytes.readUInt32LE((at += 4) - 4)
  const print = (): Fingerprint => ({ high: word(), low: word() })
  const [batch, firstPosition, lastPosition, firstFinalPosition] = [double(), double(), double(), double()]
  const [firstEndAt, lastEndAt, segmentBytes] = [double(), double(), double()]
  const [check, slotCount, seatCount, kindCount] = [word(), word(), word(), word()]
  const replacesCount = double()
  const streams = Array.from({ length: slotCount }, print)
  const seats = Array.from({ length: seatCount }, print)
  const replaces = Array.from({ length: replacesCount }, double)
  const shares = Array.from({ length: kindCount }, () => ({
    events: double(),
    goneThrough: double(),
    games: word(),
    name: word(),
  }))
  let seat = 0
  const slots = streams.map((stream): SlotDigest => {
    const count = bytes.readUInt16LE((at += 2) - 2)
    return { stream, players: seats.slice(seat, (seat += count)) }
  })
  const kinds = shares.map(({ name, ...share }) => ({
    kind: bytes.toString('utf8', at, (at += name)),
    ...share,
  }))
  return {
    batch,
    firstPosition: firstPosition as Position,
    lastPosition: lastPosition as Position,
    firstFinalPosition: firstFinalPosition as Position,
    firstEndAt,
    lastEndAt,
    bytes: segmentBytes,
    check,
    kinds,
    replaces,
    slots,
  }
}
