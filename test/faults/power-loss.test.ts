/** A real file system whose power is cut: what was acknowledged at degree synced is there when it is mounted again. */
import { expect, test } from 'vitest'
import { muchAtRisk } from './kill.js'
import { powerLossRounds, powerLossRoundsWithoutSync, violationWithoutLostGap } from './power-loss.js'
import { proof } from './proof.js'

proof('loss of power on ext4', ['ext4'], () => {
  test('four losses of power lose nothing that was acknowledged', async () => {
    const figures = await powerLossRounds(4)
    expect(figures).toMatchObject({ rounds: 4, lost: 0, takenBack: 0 })
    expect(figures.acknowledged).toBeGreaterThan(0)
  })

  test('at degree written some of it is lost, and no published position names another event', async () => {
    const figures = await powerLossRounds(4, muchAtRisk('written'))
    expect(figures.takenBack).toBeGreaterThan(0)
  })

  test('control: without lost gaps a published position comes to name another event', async () => {
    expect(await violationWithoutLostGap()).toMatch(/^position \d+ was published as .*, and is now /)
  })

  test('control: without syncs what was acknowledged is lost', async () => {
    expect((await powerLossRoundsWithoutSync(2)).lost).toBeGreaterThan(0)
  })
})
