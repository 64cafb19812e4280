/** Real processes, real files, kill -9: what was acknowledged is there. */
import { expect, test } from 'vitest'
import { killRounds, muchAtRisk } from './kill.js'

test('fifteen kills lose nothing that was acknowledged', async () => {
  const figures = await killRounds(15)
  expect(figures).toMatchObject({ rounds: 15, lost: 0, takenBack: 0 })
  expect(figures.acknowledged).toBeGreaterThan(0)
})

test('at degree written a kill loses nothing that was acknowledged either', async () => {
  expect(await killRounds(4, muchAtRisk('written'))).toMatchObject({
    lost: 0,
    takenBack: 0,
  })
})

test('control: at degree memory a kill loses what was acknowledged', async () => {
  expect((await killRounds(4, muchAtRisk('memory'))).lost).toBeGreaterThan(0)
})
