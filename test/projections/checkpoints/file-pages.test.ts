/** Pages that are put without rest: a model is saved all the same, and what nobody needs is gone. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FilePages } from '../../../src/projections/checkpoints/file-pages.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gameledger-pages-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const bytesOf = (text: string): Uint8Array => Buffer.from(text)

/** So many a millisecond, so long: more than are written in that time, so that some wait at any moment. */
const pagesEach = 30
const msMax = 3000

describe('while pages are put without rest', () => {
  test('one that a model names is durable all the same', async () => {
    const pages = new FilePages(folder)
    await pages.open()
    const room = pages.room()
    const named = room.put(bytesOf('named'))
    let isSynced = false
    const syncing = pages.sync([named]).then(() => {
      isSynced = true
    })
    for (let ms = 0; ms < msMax && !isSynced; ms++) {
      for (let more = 0; more < pagesEach; more++) room.put(bytesOf('not named'))
      await sleep(1)
    }
    expect(isSynced).toBe(true)
    await syncing
  })

  test('those that nobody needs any more are gone, and the others are there', async () => {
    const pages = new FilePages(folder)
    await pages.open()
    const room = pages.room()
    for (let turn = 0; turn < 50; turn++) {
      const named = room.put(bytesOf(`page of turn ${turn}`))
      for (let more = 0; more < 5; more++) room.put(bytesOf('not named'))
      room.keep([named])
      await sleep(1)
      await pages.sync([named])
      await pages.sweep(new Set([named]))
      expect(readdirSync(folder)).toEqual([`${named}.page`])
      expect(Buffer.from(await pages.read(named)).toString()).toBe(`page of turn ${turn}`)
    }
  })
})
