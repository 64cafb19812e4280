import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fileColdStore } from '../../../src/archive/stores/file-cold-store.js'
import { coldStoreContract } from '../../contracts/cold-store.js'

coldStoreContract('file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cold-store-'))
  return {
    store: fileColdStore(join(directory, 'made', 'on', 'demand')),
    dispose: () => rm(directory, { recursive: true }),
  }
})

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cold-store-'))
})
afterEach(() => rm(directory, { recursive: true }))

const keysIn = async () => {
  const keys: string[] = []
  for await (const key of fileColdStore(directory).list('')) keys.push(key)
  return keys
}

it('leaves no temporary file behind, whoever wins', async () => {
  const store = fileColdStore(directory)
  await Promise.all(Array.from({ length: 10 }, () => store.put('a', Buffer.from('x'))))
  expect(await readdir(directory)).toEqual(['a'])
})

it('never lists what a crash left half written, and removes it when it is old', async () => {
  await writeFile(join(directory, '.put-young'), 'half')
  await writeFile(join(directory, '.put-old'), 'half')
  await utimes(join(directory, '.put-old'), 1, 1)
  expect(await keysIn()).toEqual([])
  expect(await readdir(directory)).toEqual(['.put-young'])
})

it('says what failed and keeps the cause', async () => {
  await writeFile(join(directory, 'file'), '')
  const store = fileColdStore(join(directory, 'file'))
  await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({
    message: expect.stringContaining('Could not put a into'),
    cause: expect.objectContaining({ code: expect.stringMatching(/ENOTDIR|EEXIST/) }),
  })
})
