import { describe, expect, it } from 'vitest'
import { nearNames } from '../../src/cli/near-names.js'

const names = ['corrupt-log', 'corrupt-segment', 'no-data', 'storage-free', 'storage-full', 'ENOENT']

describe('names near to what was typed', () => {
  it.each([
    ['a letter changed', 'corrupt-lug', ['corrupt-log']],
    ['a letter left out', 'no-dta', ['no-data']],
    ['a letter added', 'no-dataa', ['no-data']],
    ['letters swapped', 'on-data', ['no-data']],
    ['another case', 'enoent', ['ENOENT']],
    ['a part of it', 'segment', ['corrupt-segment']],
    ['one as near as another', 'storage', ['storage-free', 'storage-full']],
  ])('are found with %s', (_, typed, found) => expect(nearNames(typed, names)).toEqual(found))

  it('are the nearest first', () => expect(nearNames('storage-ful', names)[0]).toBe('storage-full'))

  it('are none where nothing is near', () => expect(nearNames('frobnicate', names)).toEqual([]))
})
