/**
 * Which file system a directory is on, as far as it matters here: by the numbers that Linux gives in statfs (statfs(2),
 * linux/magic.h). Other systems number otherwise, and are not judged.
 *
 * What a ledger asks of one: that zeros written ahead reserve the space (copy-on-write does not), that an fsync is
 * honest and one machine alone writes (networks), that it outlives a reboot (memory), and hard links (FAT has none).
 */
import { ok, warn, type Finding } from './finding.js'

type Kind = 'in-place' | 'copy-on-write' | 'network' | 'memory' | 'container' | 'no-links'

const known: ReadonlyMap<number, readonly [name: string, kind: Kind]> = new Map([
  [0xef53, ['ext4', 'in-place']],
  [0x58465342, ['xfs', 'in-place']],
  [0x9123683e, ['btrfs', 'copy-on-write']],
  [0x2fc12fc1, ['zfs', 'copy-on-write']],
  [0xca451a4e, ['bcachefs', 'copy-on-write']],
  [0xf2f52010, ['f2fs', 'copy-on-write']],
  [0x6969, ['nfs', 'network']],
  [0xff534d42, ['cifs', 'network']],
  [0xfe534d42, ['smb', 'network']],
  [0x517b, ['smb', 'network']],
  [0x00c36400, ['ceph', 'network']],
  [0x5346414f, ['afs', 'network']],
  [0x01021997, ['9p', 'network']],
  [0x01021994, ['tmpfs', 'memory']],
  [0x858458f6, ['ramfs', 'memory']],
  [0x794c7630, ['overlay', 'container']],
  [0x4d44, ['fat', 'no-links']],
  [0x2011bab0, ['exfat', 'no-links']],
])

const judged: { readonly [kind in Exclude<Kind, 'in-place'>]: readonly [means: string, advice: string] } = {
  'copy-on-write': [
    'space cannot be reserved there, so a full disk may be met by a write, which stops the ledger',
    'Keep space free, or use ext4 or xfs.',
  ],
  network: [
    'a sync may be less than honest there, and a process on another machine is not seen',
    'Use a disk of this machine.',
  ],
  memory: ['nothing on it outlives a reboot', 'Use a disk for what must last.'],
  container: ['what is written there goes when the container is removed', 'Mount a volume for the data.'],
  'no-links': ['it has no hard links, which the archive needs', 'Use ext4, xfs or the like.'],
}

/** What is to be said of the file system with this number. */
export const fileSystemFinding = (what: string, type: number): Finding => {
  // Some numbers are told as negative ones where a long has 32 bits.
  const [name, kind] = known.get(type >>> 0) ?? [undefined, undefined]
  if (name === undefined || kind === undefined)
    return ok(`${what} is on a file system that is not known here (type 0x${(type >>> 0).toString(16)}).`)
  if (kind === 'in-place') return ok(`${what} is on ${name}.`)
  const [means, advice] = judged[kind]
  return warn(`${what} is on ${name}: ${means}.`, advice)
}
