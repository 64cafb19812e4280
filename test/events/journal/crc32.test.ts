/** The checksum of records is the one that everybody has tools for. */
import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32 } from '../../../src/events/journal/crc32.js'

test('is that of zlib, for any bytes from any offset on', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: 20 }), (content, offset) => {
      const bytes = Buffer.concat([Buffer.alloc(offset, 7), content, Buffer.alloc(3, 9)])
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      expect(crc32(view, offset, offset + content.length)).toBe(zlibCrc32(content))
    }),
  )
})
