/**
 * How wide a text looks on a terminal: in cells, not in characters.
 *
 * A text is cut into what people see as one character (grapheme clusters: a letter with its accents, a family of
 * emoji). Each is as wide as its first code point: 2 cells for East Asian wide and full width ones, emoji and flags, 1
 * for the rest, 0 for marks and joiners that stand alone. The ranges are those of wcwidth (Markus Kuhn), brought up to
 * Unicode 16's EastAsianWidth.txt; what terminals disagree about (ambiguous width) is 1.
 */

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** All of printable ASCII is one cell each: most texts need no more than this look. */
const plainPattern = /^[\u0020-\u007e]*$/
const emojiPattern =
  /^(?:\p{Emoji_Presentation}|\p{Regional_Indicator}|\p{Extended_Pictographic}\ufe0f|[0-9#*]\ufe0f\u20e3)/u
const emptyPattern = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u
const widePattern =
  /^[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18d08}\u{1aff0}-\u{1b2fb}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u

const widthOf = (grapheme: string): number => {
  if (emojiPattern.test(grapheme) || widePattern.test(grapheme)) return 2
  return emptyPattern.test(grapheme) ? 0 : 1
}

const graphemesOf = (text: string): readonly string[] =>
  Array.from(segmenter.segment(text), ({ segment }) => segment)

/** The cells that a text takes. It must hold no control characters. */
export const textWidth = (text: string): number =>
  plainPattern.test(text)
    ? text.length
    : graphemesOf(text).reduce((width, grapheme) => width + widthOf(grapheme), 0)

/** A text in at most so many cells: one that is wider ends with `…`. No character is cut in two. */
export const cutToWidth = (text: string, width: number): string => {
  if (textWidth(text) <= width) return text
  let [cut, room] = ['', width - 1]
  for (const grapheme of graphemesOf(text)) {
    room -= widthOf(grapheme)
    if (room < 0) break
    cut += grapheme
  }
  return width > 0 ? `${cut}…` : ''
}

/** A text filled up with spaces to so many cells. */
export const padToWidth = (text: string, width: number, side: 'left' | 'right'): string => {
  const room = ' '.repeat(Math.max(0, width - textWidth(text)))
  return side === 'left' ? room + text : text + room
}
