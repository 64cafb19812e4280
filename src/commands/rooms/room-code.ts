/**
 * The codes of rooms: six characters that are hard to confuse, said aloud or read from a screen.
 *
 *     A B C D E F G H J K M N P Q R S T U V W X Y Z 2 3 4 5 6 7 8 9      31 of them, without I L O 0 1
 *
 * 31^6 = 887 million codes. Drawn by chance and drawn again where one is taken, so a code says nothing of others.
 */
import type { RoomCode } from '../../events/room-event.js'

const letters = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'
export const roomCodeLength = 6

/** A code by chance; `random` is evenly drawn from [0, 1). */
export const drawRoomCode = (random: () => number): RoomCode => {
  let code = ''
  for (let nth = 0; nth < roomCodeLength; nth++) code += letters[Math.floor(random() * letters.length)]
  return code
}

/** What somebody has typed, as a code: upper case, without spaces and hyphens. */
export const roomCodeOf = (typed: string): RoomCode => typed.replaceAll(/[\s-]/g, '').toUpperCase()
