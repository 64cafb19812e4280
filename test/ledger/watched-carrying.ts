/** A journal that does not carry a game of which an event is not on the disk yet: such a game must not hibernate. */
import type { Journal } from 'gameledger'

export const carryingIsSynced = (journal: Journal): Journal => ({
  ...journal,
  open: async (shard, listener, ...given) => {
    /** The last position of each record that is not synced, by its ticket. */
    const unsynced = new Map<number, number>()
    let syncedThrough = Infinity
    const opened = await journal.open(
      shard,
      {
        ...listener,
        written: (through) => listener.written(through),
        synced: (through) => {
          for (const ticket of unsynced.keys()) if (ticket <= through) unsynced.delete(ticket)
          syncedThrough = Math.min(Infinity, ...unsynced.values())
          listener.synced(through)
        },
        space: (shortage) => listener.space(shortage),
        damaged: (cause) => listener.damaged(cause),
        failed: (cause) => listener.failed(cause),
        noteOf: (stream, version) => listener.noteOf?.(stream, version),
      },
      ...given,
    )
    const append = opened.append.bind(opened)
    opened.append = (record) => {
      const ticket = append(record)
      const parts = record.type === 'unit' ? record.parts : [record]
      for (const part of parts) if (part.type === 'events') unsynced.set(ticket, part.firstPosition)
      syncedThrough = Math.min(Infinity, ...unsynced.values())
      return ticket
    }
    const carry = opened.carry.bind(opened)
    opened.carry = (games) => {
      for (const { stream, records } of games)
        for (const { firstPosition } of records())
          if (firstPosition >= syncedThrough)
            throw new Error(`${stream} is to be carried, and position ${firstPosition} is not on the disk.`)
      return carry(games)
    }
    return opened
  },
})
