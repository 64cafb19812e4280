/**
 * The archive that a command is about, where it is not `archive/` in the data directory: `--archive` names a directory, or a
 * module that exports `archive`, a cold store of any kind. So credentials and vendors' clients stay in the module; it may
 * export `close` besides, which ends what it has opened (a pool) when the command is done.
 */
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fileColdStore, type ColdStore } from '../index.js'
import { CommandError, exitCode } from './exit-code.js'

interface ArchiveModule {
  readonly archive: ColdStore
  readonly close?: () => unknown
}

const verbs = ['put', 'get', 'list', 'delete', 'close'] as const

/** The store that `--archive` names. Closing it closes what the module has opened. @throws CommandError where there is none */
export const archiveOf = async (name: string): Promise<ColdStore> => {
  if (existsSync(name) && statSync(name).isDirectory()) return fileColdStore(name)
  const { archive, close } = await load(name)
  return {
    put: (key, bytes) => archive.put(key, bytes),
    get: (key, range) => archive.get(key, range),
    list: (prefix, after) => archive.list(prefix, after),
    delete: (key) => archive.delete(key),
    async close() {
      await archive.close()
      await close?.()
    },
  }
}

const load = async (name: string): Promise<ArchiveModule> => {
  const specifier = existsSync(name) ? pathToFileURL(resolve(name)).href : name
  const module = await imported(specifier)
  const { archive } = module
  if (verbs.every((verb) => typeof archive?.[verb] === 'function')) return module as ArchiveModule
  throw new CommandError(
    'no-archive',
    exitCode.configuration,
    `${name} exports no \`archive\`. Export a cold store, such as s3ColdStore({ ... }).`,
  )
}

const imported = async (specifier: string): Promise<Partial<ArchiveModule>> => {
  try {
    return (await import(specifier)) as Partial<ArchiveModule>
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new CommandError(
      'no-archive',
      exitCode.configuration,
      `${(cause as Error).message}. Check --archive: it takes a directory, the path of a module, or the name of a package.`,
    )
  }
}
