/**
 * A journal whose checksums do not know in which life of a file they were made, for the control: whatever a former life
 * left in a file is made to fit the id of the present one. The proof must see that something is missing, or wrong.
 */
import { frameAt, frameHeaderBytes, isFrameMagic, sealFrame } from '../../dist/events/journal/frame.js'
import { logFileId } from '../../dist/events/journal/log-file.js'
import { isRecordWhole, moveRecords, padded, recordLengthAt } from '../../dist/events/journal/record.js'
import type { Image } from './plain-disk.js'

const unbind = (bytes: Buffer, id: number, lastId: number): void => {
  for (let at = 0; at < bytes.length; at += 8) {
    if (isFrameMagic(bytes, at))
      for (let former = 1; former <= lastId; former++) {
        const frame = frameAt(bytes, at, former)
        if (frame === undefined) continue
        moveRecords(bytes, at + frameHeaderBytes, frame.end, id)
        sealFrame(bytes.subarray(at), frame.end - at, frame, id)
      }
    if (isRecordWhole(bytes, at, bytes.length))
      moveRecords(bytes, at, at + padded(recordLengthAt(bytes, at, bytes.length)), id)
  }
}

export const unbound = (image: Image): Image => {
  const lastId = Math.max(0, ...[...image.keys()].map((name) => logFileId(name) ?? 0))
  return new Map(
    [...image].map(([name, bytes]) => {
      const isGeneration0 = bytes.length >= 64 && bytes.readUInt32LE(40) === 0
      const id = logFileId(name)
      if (id === undefined || !isGeneration0) return [name, bytes]
      const copy = Buffer.from(bytes)
      // As the header says, where a file has another's name.
      unbind(copy, copy.readUInt32LE(12) || id, lastId)
      return [name, copy]
    }),
  )
}
