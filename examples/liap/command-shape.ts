/**
 * Whether a value that came from outside has the shape of a command, so that the rules can take it at its word. What is
 * not one is refused as `invalid-command`, before the rules see it.
 *
 * It speaks Standard Schema v1, like zod, valibot and arktype, any of which would do as well.
 */
import type { StandardSchema } from 'gameledger'
import type { LiapCommand } from './commands.js'
import { colours, kinds } from './pieces.js'

type Check = (value: unknown) => boolean
type Shape = Readonly<Record<string, Check>>

const isText: Check = (value) => typeof value === 'string'
const isNumber: Check = (value) => typeof value === 'number'
const isFlag: Check = (value) => typeof value === 'boolean'
const isOneOf =
  (texts: readonly string[]): Check =>
  (value) =>
    texts.includes(value as string)
const isOptional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
/** More than the shape asks for is allowed; events do not keep it. */
const isLike =
  (shape: Shape): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(shape).every(([key, check]) => check((value as Record<string, unknown>)[key]))

const isPiece = isLike({ kind: isOneOf(kinds), colour: isOneOf(colours) })
const isSeating = isLike({ player: isText, isBot: isOptional(isFlag) })
const isRoundLimit: Check = (value) => value === null || isNumber(value)
const isOptions = isLike({ target: isOptional(isNumber), roundLimit: isOptional(isRoundLimit) })

const byPlayer: Shape = { player: isText }

const shapes: Readonly<Record<LiapCommand['type'], Shape>> = {
  Start: { seats: isListOf(isSeating), options: isOptional(isOptions) },
  AcceptRedeal: byPlayer,
  DeclineRedeal: byPlayer,
  Declare: { ...byPlayer, piles: isNumber },
  Play: { ...byPlayer, pieces: isListOf(isPiece) },
  TakeOver: byPlayer,
  Return: byPlayer,
  TimeOut: {},
}

const shapeOf = (value: unknown): Shape | undefined => {
  const type = (value as { readonly type?: unknown } | null | undefined)?.type
  return typeof type === 'string' && Object.hasOwn(shapes, type)
    ? shapes[type as LiapCommand['type']]
    : undefined
}

const problemOf = (value: unknown): string | undefined => {
  const shape = shapeOf(value)
  if (!shape) return `type is one of ${Object.keys(shapes).join(', ')}`
  const wrong = Object.keys(shape).find((key) => !shape[key]!((value as Record<string, unknown>)[key]))
  return wrong === undefined ? undefined : `${wrong} has another shape`
}

export const commandShape: StandardSchema = {
  '~standard': {
    version: 1,
    vendor: 'liap',
    validate(value) {
      const message = problemOf(value)
      return message === undefined ? { value } : { issues: [{ message }] }
    },
  },
}
