/**
 * Lines of a PGN file, out of whatever pieces it is read in.
 *
 * PGN was defined in ISO 8859-1 and is written in UTF-8 today. A block of whole lines is read as UTF-8; if that
 * fails, each of its lines is judged for itself, and read as ISO 8859-1 where it is not UTF-8. No byte is lost.
 *
 * Bound: one piece of the source and one line. What is longer than `lineBytesMax` is handed on cut to that.
 */
const newline = 0x0a

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const decodedLine = (line: Uint8Array): string => {
  try {
    return utf8.decode(line)
  } catch {
    return Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('latin1')
  }
}

function* piecesOf(block: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < block.length;) {
    const end = block.indexOf(newline, start)
    yield block.subarray(start, end < 0 ? block.length : end)
    start = end < 0 ? block.length : end + 1
  }
}

const linesOf = (block: Uint8Array): string[] => {
  try {
    const lines = utf8.decode(block).split('\n')
    if (lines.at(-1) === '') lines.pop()
    return lines
  } catch {
    return [...piecesOf(block)].map(decodedLine)
  }
}

/** What stays of the last, unfinished line; cut to the bound, so that a file without line ends fills no memory. */
const joined = (rest: Uint8Array, piece: Uint8Array, bytesMax: number): Uint8Array =>
  rest.length === 0 ? piece : Buffer.concat([rest, piece.subarray(0, Math.max(0, bytesMax - rest.length))])

/** The lines of a file, without their ends and the byte order mark, in blocks as they come. */
export async function* pgnLines(
  source: AsyncIterable<string | Uint8Array>,
  lineBytesMax: number,
): AsyncGenerator<readonly string[]> {
  let rest: Uint8Array = new Uint8Array()
  let isFirst = true
  const cleaned = (block: Uint8Array): string[] => {
    const lines = linesOf(block).map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
    if (isFirst && lines[0] !== undefined) lines[0] = lines[0].replace(/^\uFEFF/, '')
    isFirst = false
    return lines
  }
  for await (const piece of source) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
    const end = bytes.lastIndexOf(newline) + 1
    if (end > 0) {
      const first = bytes.indexOf(newline) + 1
      if (rest.length > 0) yield cleaned(joined(rest, bytes.subarray(0, first), lineBytesMax))
      const from = rest.length > 0 ? first : 0
      if (from < end) yield cleaned(bytes.subarray(from, end))
      rest = bytes.slice(end)
    } else {
      rest = joined(rest, bytes, lineBytesMax)
    }
  }
  if (rest.length > 0) yield cleaned(rest)
}
